// What a browser cannot read in a field (“3,6” where it wants “3.6”, half a date) it would send as nothing at all. It says so first;
// forms whose mistakes the server names (novalidate), too.
document.addEventListener("submit", (event) => {
  const unread = [...event.target.elements].find((field) => field.validity?.badInput);
  if (!unread) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  unread.closest("details")?.setAttribute("open", "");
  unread.reportValidity();
}, true);
