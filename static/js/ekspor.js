/* A list that is being made: look every few seconds how far it is, until it has ended. Without this, a link does so. */
(function () {
  "use strict";
  var SOON = 2000, LATE = 15000, UNDER_WAY = ["menunggu", "dibuat"];
  var part = document.querySelector("[data-kemajuan]"), told = document.querySelector("[data-kabar]"), pause = SOON;
  if (!part || !window.fetch || !window.DOMParser) return;

  async function look() {
    if (!document.hidden) {
      try {
        var answer = await fetch(location.href, { redirect: "error" });
        if (!answer.ok) throw answer;
        var page = new DOMParser().parseFromString(await answer.text(), "text/html");
        var fresh = page.querySelector("[data-kemajuan]");
        var state = fresh.dataset.kemajuan;
        if (state !== part.dataset.kemajuan) told.textContent = fresh.dataset.sebutan;
        if (UNDER_WAY.indexOf(state) < 0) return location.reload();
        show(fresh);
        pause = SOON;
      } catch (lost) {
        pause = Math.min(pause * 2, LATE);  // no signal: the page stays as it is
      }
    }
    setTimeout(look, pause);
  }

  // what somebody may be about to press stays; only the figures change
  function show(fresh) {
    var now = part.querySelectorAll(".app-state, .govuk-body-l, progress");
    var then = fresh.querySelectorAll(".app-state, .govuk-body-l, progress");
    part.dataset.kemajuan = fresh.dataset.kemajuan;
    if (now.length !== then.length) return part.replaceChildren(...fresh.childNodes);
    now.forEach((each, place) => each.replaceWith(then[place]));
  }

  setTimeout(look, pause);
})();
