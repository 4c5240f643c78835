// For who hears the admin's pages: the library's choosers (select2) have no name, and some headings are empty.
(function () {
  "use strict";

  function words(select) {
    var label = document.querySelector('label[for="' + select.id + '"]');
    return select.getAttribute("aria-label") || (label ? label.textContent.replace(/:\s*$/, "").trim() : select.name);
  }

  function name() {
    document.querySelectorAll(".select2-container").forEach(function (chooser) {
      var select = chooser.previousElementSibling;
      var box = chooser.querySelector("[role=combobox]");
      if (!select || !box) return;
      var shown = box.querySelector(".select2-selection__rendered");
      box.removeAttribute("aria-labelledby");
      box.setAttribute("aria-label", (words(select) + " " + (shown ? shown.textContent : "")).trim());
      ["role", "aria-readonly"].forEach(function (each) {
        if (shown) shown.removeAttribute(each);
      });
    });
  }

  // An empty heading in a table of rows to edit heads nothing.
  document.querySelectorAll("th").forEach(function (cell) {
    if (!cell.textContent.trim() && !cell.children.length) cell.setAttribute("role", "cell");
  });

  function later() {
    setTimeout(name, 0);
  }

  window.addEventListener("load", later);
  document.addEventListener("formset:added", later);
  document.addEventListener("click", later);
  document.addEventListener("keyup", later);
})();
