// A deed whose answer htmx swaps in nowhere, or that had none, is said all the same, in a toast: in the words of the page that came.
// What went into the outbox (log.js, before this) is said there.
function say(words) {
  const said = Object.assign(document.createElement("p"), { textContent: words });
  const toast = Object.assign(document.createElement("div"), { className: "toast", role: "status" });
  toast.append(said);
  document.getElementById("toasts").replaceChildren(toast);
}

function wordsOf(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  return [...page.querySelectorAll("main :is(h1, p:not(.small))")].map((one) => one.textContent.trim()).join(" ");
}

function refused(event) {
  const { xhr, requestConfig } = event.detail;
  if (event.defaultPrevented || requestConfig.verb !== "post") return;
  const words = document.getElementById("words").dataset;
  say(xhr.status ? wordsOf(xhr.responseText) || words.broke : words.notSent);
}

for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) document.addEventListener(name, refused);
