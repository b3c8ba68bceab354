// <button data-print hidden>: opens the browser's print window. Without scripts it stays hidden; the browser's own menu prints.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
