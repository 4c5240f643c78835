/* The officers' outbox: the telephone made ready, and the list of what waits. The words stand in the page. */
(function () {
  "use strict";
  var SOON = 5000, LATE = 300000, pause = SOON, timer;
  var find = (what, within) => (within || document).querySelector(what);
  var list = find("[data-daftar]"), news = find("[data-kabar]"), ready = find("[data-siapkan]");
  var word = name => find("[data-kata='" + name + "']").textContent;
  var when = at => new Date(at).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });

  if (!window.indexedDB || !crypto.subtle || !crypto.randomUUID) {
    find("[data-tak-bisa]").hidden = false;
    return;
  }
  if (navigator.serviceWorker) navigator.serviceWorker.register("/sw.js", { updateViaCache: "all" }).catch(() => 0);

  function tell(name) {
    news.textContent = word(name);
    news.focus();
  }

  async function show() {
    var entries = (await Antre.all()).sort((one, other) => one.at - other.at);
    var waiting = entries.filter(entry => !entry.number).length;
    document.cookie = "antre=" + waiting + ";path=/;SameSite=Strict" + (waiting ? "" : ";max-age=0") +
      (location.protocol === "https:" ? ";Secure" : "");
    list.textContent = "";
    entries.forEach(entry => list.appendChild(row(entry)));
    find("[data-antre]").hidden = !entries.length;
    find("[data-kirim]").hidden = !waiting;
    return entries;
  }

  function row(entry) {
    var made = document.importNode(find("[data-baris]").content, true), link = find("a", made);
    find("[data-nama]", made).textContent = entry.n + " · " + when(entry.at);
    find("[data-hal]", made).textContent = entry.number || entry.said || word(entry.how);
    if (entry.slip || entry.mend) {
      link.href = entry.slip || entry.mend;
      link.textContent = word(entry.slip ? "lembar" : "perbaiki");
    } else link.remove();
    find("button", made).addEventListener("click", async () => {
      if (!entry.number && !confirm(word("yakin"))) return;
      await Antre.drop(entry.id);
      await show();
      tell("dihapus");
    });
    return made;
  }

  async function send(tapped) {
    clearTimeout(timer);
    var how = await Antre.send(tapped === true), waiting = (await show()).some(entry => entry.how === "antre");
    find("[data-masuk]").hidden = how !== "masuk";
    if (tapped === true) tell(how);
    if (how !== "nanti") pause = SOON;
    else if (waiting) {
      timer = setTimeout(send, pause);
      pause = Math.min(pause * 2, LATE);
    }
  }

  /* Making the telephone ready: the lists and the key, nothing of people. */
  async function prepare() {
    try {
      var state = await Antre.ask("bekal");
      if (state) await Antre.keep("bekal", { by: state.pemilik, program: state.program, at: Date.now() });
      tell(state ? "siap" : "masuk");
      since();
    } catch (lost) {
      tell("nanti");
    }
  }

  async function since() {
    var stock = await Antre.kept("bekal");
    find("[data-siap]").hidden = !stock;
    if (stock) find("[data-sejak]").textContent = when(stock.at);
  }

  Antre.after = async name => {
    await show();
    tell(name);
    send();
  };
  if (ready) {
    ready.addEventListener("click", prepare);
    ready.hidden = false;
    since();
  }
  find("[data-kirim]").addEventListener("click", () => send(true));
  addEventListener("online", () => {
    pause = SOON;
    send();
  });
  document.addEventListener("visibilitychange", () => document.hidden || send());
  show().then(send);
})();
