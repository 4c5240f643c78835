/* A citizen's words on their own telephone: for a day, only if they want it, never who they are. */
(function () {
  "use strict";
  var DAY = 864e5, find = what => document.querySelector(what);
  var form = find("form[data-draf]"), offer = find("[data-draf-ada]"), wish = find("#draf-simpan"), said = find("[data-draf-kabar]");
  var opened, later, session = window.sessionStorage;

  function draft(mode, act) {
    opened = opened || new Promise((done, failed) => {
      var asked = indexedDB.open("draf", 1);
      asked.onupgradeneeded = () => asked.result.createObjectStore("draf");
      asked.onsuccess = () => done(asked.result);
      asked.onerror = failed;
    });
    return opened.then(db => new Promise((done, failed) => {
      var work = db.transaction("draf", mode), got = act(work.objectStore("draf"));
      work.oncomplete = () => done(got.result);
      work.onabort = failed;
    }));
  }

  var forget = () => draft("readwrite", rows => rows.clear());
  var name = field => field.name || field[0].name;
  var fields = () => form ? form.dataset.draf.split(" ").map(name => form.elements[name]).filter(Boolean) : [];

  async function keep() {
    if (!wish || !wish.checked) return;
    var kept = await draft("readonly", rows => rows.get("lapor")) || { words: {} };
    fields().forEach(field => { kept.words[name(field)] = field.value; });
    kept.at = Date.now();
    await draft("readwrite", rows => rows.put(kept, "lapor"));
    said.textContent = said.dataset.tersimpan;
  }

  function fill(words, over) {
    fields().forEach(field => {
      var text = words[name(field)];
      if (text && (over || !field.value)) field.value = text;
    });
    if (wish) wish.checked = true;
  }

  async function begin() {
    var kept = await draft("readonly", rows => rows.get("lapor"));
    if (kept && (Date.now() - kept.at > DAY || find("[data-draf-selesai]") || localStorage.getItem("lupa"))) kept = await forget();
    localStorage.removeItem("lupa");
    if (form) form.hidden = false;
    if (wish && !session.getItem("anonim")) find("[data-draf-mau]").hidden = false;
    if (!kept) return;
    if (session.getItem("lanjut")) fill(kept.words);
    if (!offer) return;
    var news = fields().some(field => (kept.words[name(field)] || field.value) !== field.value);
    if (news || !form) offer.hidden = false;
    else if (wish) wish.checked = true;
    find("[data-draf-lanjut]").addEventListener("click", event => {
      session.setItem("lanjut", 1);
      if (!form) return;
      event.preventDefault();
      fill(kept.words, true);
      offer.hidden = true;
    });
    find("[data-draf-hapus]").addEventListener("click", async () => {
      await forget();
      offer.hidden = true;
      session.removeItem("lanjut");
    });
  }

  if (form) form.addEventListener("input", event => {
    clearTimeout(later);
    if (event.target === wish && !wish.checked) return forget().then(() => { said.textContent = said.dataset.terhapus; });
    later = setTimeout(keep, 300);
  });

  /* Without a name nothing at all stays here. */
  document.addEventListener("change", event => {
    if (event.target.name !== "secrecy") return;
    if (event.target.value !== "anonim") return session.removeItem("anonim");
    session.setItem("anonim", 1);
    forget();
  });

  /* Who left at once (app.js blanks the page first) is not to be reminded here. A database is too slow for that. */
  addEventListener("pagehide", () => {
    if (document.documentElement.hidden) localStorage.setItem("lupa", 1);
  });

  begin().catch(() => 0);
  addEventListener("load", () => navigator.serviceWorker && navigator.serviceWorker.register("/sw.js", { updateViaCache: "all" }).catch(() => 0));
})();
