/* The officers' inbox, in comfort: a case opens beside its list where there is room, and keys move through the list.
   Without this every row is a plain link. Single keys can be turned off, and are silent while something is typed. */
(function () {
  var split = document.getElementById("daftar");
  var pane = document.getElementById("kasus");
  if (!split || !window.fetch || !pane.replaceChildren) return;

  var home = location.pathname + location.search;
  var title = document.title;
  var wide = window.matchMedia("(min-width: 64em)");
  var said = document.getElementById("kabar");
  var help = document.getElementById("tombol");
  var use = document.getElementById("pakai");
  var OPEN = "app-split--open", NOW = "app-row--now";
  var shown = null, asked = 0, went = 0;

  function links() {
    return Array.prototype.slice.call(split.querySelectorAll(".app-row__title a"));
  }

  function mark(link) {
    if (shown) {
      shown.removeAttribute("aria-current");
      shown.closest(".app-row").classList.remove(NOW);
    }
    shown = link;
    if (!link) return;
    link.setAttribute("aria-current", "true");
    link.closest(".app-row").classList.add(NOW);
  }

  /* Put the main part of the case's own page into the pane; whatever goes wrong, go to that page. */
  function open(link, push) {
    var mine = ++asked;
    said.textContent = pane.dataset.buka;
    fetch(link.href, { credentials: "same-origin" }).then(function (answer) {
      if (!answer.ok || answer.redirected) throw answer;
      return answer.text();
    }).then(function (text) {
      if (mine !== asked) return;
      var page = new DOMParser().parseFromString(text, "text/html");
      var main = page.getElementById("isi");
      var heading = main.querySelector("h1");
      var close = document.createElement("button");
      close.className = "app-link";
      close.textContent = pane.dataset.tutup;
      close.addEventListener("click", leave);
      pane.replaceChildren.apply(pane, [close].concat(Array.prototype.slice.call(main.childNodes)));
      split.classList.add(OPEN);
      mark(link);
      document.title = page.title;
      if (push) history.pushState({ kasus: link.href }, "", link.href);
      said.textContent = "";
      heading.tabIndex = -1;
      heading.focus();
      link.scrollIntoView({ block: "nearest" });
    }).catch(function () {
      if (mine === asked) location.href = link.href;
    });
  }

  function close() {
    var link = shown;
    asked++;
    said.textContent = "";
    split.classList.remove(OPEN);
    pane.replaceChildren();
    mark(null);
    document.title = title;
    if (link) link.focus();
  }

  function leave() {
    history.pushState(null, "", home);
    close();
  }

  split.addEventListener("click", function (event) {
    var link = event.target.closest(".app-row__title a");
    if (!link || !wide.matches || event.defaultPrevented || event.button) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    open(link, link !== shown);
  });

  window.addEventListener("popstate", function (event) {
    var link = event.state && links().find(function (each) { return each.href === event.state.kasus; });
    if (link) open(link, false);
    else if (location.pathname + location.search === home && shown) close();
  });

  /* The keys. */
  function remembered() {
    try { return localStorage.getItem("tombol") !== "mati"; } catch (error) { return true; }
  }

  function move(by) {
    var all = links();
    var row = document.activeElement.closest(".app-row");
    var at = row ? all.indexOf(row.querySelector(".app-row__title a")) : all.indexOf(shown);
    var next = all[at < 0 ? 0 : at + by];
    if (next) next.focus();
  }

  help.hidden = false;
  use.checked = remembered();
  use.addEventListener("change", function () {
    try { localStorage.setItem("tombol", use.checked ? "" : "mati"); } catch (error) { /* then for this page only */ }
  });

  document.addEventListener("keydown", function (event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input:not([type=checkbox]), select, textarea, [contenteditable]")) return;
    if (event.key === "Escape" && shown) return leave();
    if (!use.checked) return;
    var after = Date.now() - went < 1000;
    went = event.key === "g" ? Date.now() : 0;
    if (event.key === "j") move(1);
    else if (event.key === "k") move(-1);
    else if (event.key === "i" && after) location.href = split.dataset.awal;
    else if (event.key === "/") {
      document.getElementById("q").focus();
      event.preventDefault();
    } else if (event.key === "?") {
      help.open = !help.open;
      if (help.open) help.querySelector("summary").focus();
    }
  });
})();
