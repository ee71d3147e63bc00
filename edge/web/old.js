// For every browser, also one without modules: where it lacks what the pages need, it shows the sentence that is there for one without scripts.
// The newest of these came after modules that wait (top-level await), which no script can test.
(function () {
  var needed = [Object.hasOwn, window.fetch, window.createImageBitmap, window.HTMLDialogElement];
  if (needed.every(Boolean)) return;
  var box = document.createElement("div");
  box.id = "old";
  box.setAttribute("role", "alert");
  box.innerHTML = document.querySelector("noscript").textContent;
  document.body.insertBefore(box, document.body.firstChild);
}());
