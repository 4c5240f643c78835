/* Sending a step over a weak signal: the page stays until the server has answered. Sent twice, it is the same report. */
(function () {
  "use strict";
  var SOON = 5000, LATE = 300000, PATIENCE = 60000;
  var find = what => document.querySelector(what);
  var form = find("form[data-susul]"), failed = find("[data-susul-gagal]"), alone = find("#susul-sendiri");
  var busy = false, pause = SOON, timer;
  if (!form || !failed || !window.fetch || !window.AbortController) return;

  async function send() {
    if (busy) return;
    busy = true;
    clearTimeout(timer);
    var stop = new AbortController(), bell = setTimeout(() => stop.abort(), PATIENCE);
    try {
      var answer = await fetch(form.action, {
        method: "POST", body: new FormData(form), headers: { "X-Susul": "1" }, redirect: "manual", signal: stop.signal
      });
      if (answer.status >= 500) throw answer;
      var next = answer.headers.get("X-Ke");
      if (next) location.assign(next);
      else form.submit();  // the server has something to say about it, on a page of its own
    } catch (lost) {
      busy = false;
      form.sentAt = 0;
      form.querySelectorAll("[aria-disabled]").forEach(each => each.removeAttribute("aria-disabled"));
      failed.hidden = false;
      failed.focus();
      timer = setTimeout(again, pause);
      pause = Math.min(pause * 2, LATE);
    }
    clearTimeout(bell);
  }

  function again() {
    if (alone.checked) send();
  }

  form.addEventListener("submit", event => {
    if (event.submitter && event.submitter.name) return;
    event.preventDefault();
    send();
  });
  find("[data-susul-lagi]").addEventListener("click", send);
  alone.addEventListener("change", () => navigator.onLine && again());
  addEventListener("online", again);
  addEventListener("pageshow", () => { busy = false; });
})();
