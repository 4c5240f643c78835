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

  var all = () => store("antre", "readonly", rows => rows.getAll());
  var put = entry => store("antre", "readwrite", rows => rows.put(entry));
  var drop = id => store("antre", "readwrite", rows => rows.delete(id));
  var keep = (name, value) => store("bekal", "readwrite", rows => rows.put(value, name));
  var kept = name => store("bekal", "readonly", rows => rows.get(name));

  var shut = answer => answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403;

  /* Who is signed in, what has arrived, the key; null when nobody is. Throws without a signal. */
  async function ask(more) {
    var answer = await fetch(PLACE + "bekal/?" + more, { redirect: "manual", cache: "no-store" });
    if (shut(answer)) return null;
    if (!answer.ok) throw answer;
    var state = await answer.json();
    await keep("kunci", state.kunci);  // the newest: an older one is taken out of the ring some day
    return state;
  }

  function arrived(entry, receipt) {
    delete entry.sealed;
    return put(Object.assign(entry, { how: "terkirim", number: receipt.nomor, slip: receipt.lembar }));
  }

  /* One round: "selesai", "masuk" (sign in first) or "nanti" (no signal). Refused ones wait for a person's tap. */
  async function round(tapped) {
    try {
      var left = (await all()).filter(entry => entry.how !== "terkirim");
      var state = await ask(left.map(entry => "catatan=" + entry.id).join("&"));
      if (!left.length) return "selesai";
      if (!state) return "masuk";
      var waiting = left.length;
      for (var entry of left) {
        var how = await one(entry, state, waiting - 1, tapped);
        if (how) return how;
        if (entry.how === "terkirim") waiting--;
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
    var form = new FormData(), fields = { csrfmiddlewaretoken: state.csrf, catatan: entry.id, pemilik: entry.by, sisa: rest };
    for (var name in fields) form.append(name, fields[name]);
    form.append("isi", new Blob([entry.sealed]));
    var answer = await fetch(PLACE + "kirim/", { method: "POST", body: form, redirect: "manual" });
    if (shut(answer)) return "masuk";
    if (answer.status === 201) return void await arrived(entry, await answer.json());
    if (answer.status >= 500 || answer.status === 429) return "nanti";
    var said = answer.status === 409 || answer.status === 422 ? await answer.json() : {};
    await put(Object.assign(entry, { how: said.lain ? "lain" : "ditolak", said: said.kalimat, mend: said.perbaiki }));
  }

  /* Of several pages and the worker, one sends at a time; the number of each entry sees to the rest. */
  function send(tapped) {
    var work = () => round(tapped);
    return navigator.locks ? navigator.locks.request("antre", work) : work();
  }

  return { all, put, drop, keep, kept, ask, send };
})();
