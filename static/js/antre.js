/* What an officer wrote without a signal waits here, sealed, and is sent one by one, each once. For pages and worker. */
var Antre = (function () {
  "use strict";
  var PLACE = "/petugas/luring/";
  var opened;

  function store(name, mode, act) {
    opened = opened || new Promise(function (done, failed) {
      var asked = indexedDB.open("luring", 1);
      asked.onupgradeneeded = function () {
        asked.result.createObjectStore("antre", { keyPath: "id" });
        asked.result.createObjectStore("bekal");
      };
      asked.onsuccess = function () { done(asked.result); };
      asked.onerror = function () { failed(asked.error); };
    });
    return opened.then(function (db) {
      return new Promise(function (done, failed) {
        var work = db.transaction(name, mode), got = act(work.objectStore(name));
        work.oncomplete = function () { done(got.result); };
        work.onabort = function () { failed(work.error); };
      });
    });
  }

  function all() { return store("antre", "readonly", function (rows) { return rows.getAll(); }); }
  function put(entry) { return store("antre", "readwrite", function (rows) { return rows.put(entry); }); }
  function drop(id) { return store("antre", "readwrite", function (rows) { return rows.delete(id); }); }

  /* Who is signed in, what has arrived, the key; null when nobody is. Throws without a signal. */
  async function ask(more) {
    var answer = await fetch(PLACE + "bekal/?" + more, { redirect: "manual", cache: "no-store", credentials: "same-origin" });
    if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) return null;
    if (!answer.ok) throw new Error(answer.status);
    return answer.json();
  }

  function arrived(entry, receipt) {
    return put({ id: entry.id, n: entry.n, at: entry.at, by: entry.by, how: "terkirim", number: receipt.nomor, slip: receipt.lembar });
  }

  /* One round: "selesai", "masuk" (sign in first) or "nanti" (no signal). Refused ones wait for a person's tap. */
  async function round(tapped) {
    try {
      var left = (await all()).filter(function (entry) { return entry.how !== "terkirim"; });
      if (!left.length) return "selesai";
      var state = await ask(left.map(function (entry) { return "catatan=" + entry.id; }).join("&"));
      if (!state) return "masuk";
      for (var i = 0; i < left.length; i++) {
        var how = await one(left[i], state, left.length - i - 1, tapped);
        if (how) return how;
      }
      return "selesai";
    } catch (lost) {
      return "nanti";
    }
  }

  async function one(entry, state, rest, tapped) {
    if (entry.by !== state.pemilik) {
      entry.how = "lain";
      return void await put(entry);
    }
    var known = state.sudah[entry.id];
    if (known && !(entry.photo && entry.how === "ditolak")) return void await arrived(entry, known);
    if (entry.how === "ditolak" && !known && !tapped) return;
    var form = new FormData();
    form.append("csrfmiddlewaretoken", state.csrf);
    form.append("catatan", entry.id);
    form.append("pemilik", entry.by);
    form.append("sisa", rest);
    form.append("isi", new Blob([entry.sealed]), "isi");
    var answer = await fetch(PLACE + "kirim/", { method: "POST", body: form, redirect: "manual", credentials: "same-origin" });
    if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) return "masuk";
    if (answer.status === 201) return void await arrived(entry, await answer.json());
    if (answer.status >= 500 || answer.status === 429) return "nanti";
    var said = answer.status === 409 || answer.status === 422 ? await answer.json() : {};
    entry.how = said.lain ? "lain" : "ditolak";
    entry.said = said.kalimat;
    entry.mend = said.perbaiki;
    await put(entry);
  }

  /* Of several pages and the worker, one sends at a time; the number of each entry sees to the rest. */
  function send(tapped) {
    var work = function () { return round(tapped); };
    return navigator.locks ? navigator.locks.request("antre", work) : work();
  }

  return { all: all, put: put, drop: drop, store: store, ask: ask, send: send };
})();
