/* Comfort only: every page works without this. One tap is one complaint; the errors are where the reader is. */
(function () {
  var WAIT = 30000;

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

  var errors = document.querySelector(".govuk-error-summary");
  if (errors) errors.focus();
})();
