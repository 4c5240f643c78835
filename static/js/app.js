/* Comfort only: every page works without this. One tap is one complaint; the errors are where the reader is; a page
   can be left at once by who is watched. */
(function () {
  var WAIT = 30000;
  var SHIFTS = 3;
  var SHIFTS_WITHIN = 3000;

  document.addEventListener("submit", function (event) {
    var form = event.target;
    var now = Date.now();
    if (form.method !== "post") return;
    if (form.sentAt && now - form.sentAt < WAIT) {
      event.preventDefault();
      return;
    }
    form.sentAt = now;
    mark(form, true);
    setTimeout(function () { mark(form, false); }, WAIT);
  });

  /* Coming back with the browser's own button finds the page as it was left: make it usable again. */
  window.addEventListener("pageshow", function () {
    Array.prototype.forEach.call(document.forms, function (form) {
      form.sentAt = 0;
      mark(form, false);
    });
  });

  function mark(form, sent) {
    Array.prototype.forEach.call(form.querySelectorAll(".govuk-button"), function (button) {
      if (sent) button.setAttribute("aria-disabled", "true");
      else button.removeAttribute("aria-disabled");
    });
  }

  /* What the page itself has, not a sample of it on the living page of the design system. */
  function own(selector) {
    var found = document.querySelector(selector);
    return found && !found.closest(".app-sample") ? found : null;
  }

  var errors = own(".govuk-error-summary");
  if (errors) errors.focus();

  /* Leave at once: blank the page first, forget the session, and put a page of weather in its place in the history. */
  var exit = own("form[data-leave]");
  var shifts = [];

  function leave() {
    document.documentElement.hidden = true;
    if (navigator.sendBeacon) navigator.sendBeacon(exit.action, new FormData(exit));
    location.replace(exit.querySelector("a").href);
  }

  if (exit) {
    exit.querySelector("a").addEventListener("click", function (event) {
      event.preventDefault();
      leave();
    });
    document.addEventListener("keydown", function (event) {
      if (event.repeat) return;
      var now = Date.now();
      shifts = event.key === "Shift" ? shifts.filter(function (at) { return now - at < SHIFTS_WITHIN; }).concat(now) : [];
      if (shifts.length === SHIFTS) leave();
    });
  }
})();
