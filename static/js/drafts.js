// Every form of a page keeps what was typed, in this tab and for who typed it, until it has arrived: through a session that had
// ended, a net that was away, a token too old. data-draft: forms that are one, at whatever address. Never secrets, nor codes.
const keeper = document.body.dataset.keeper;
const LASTS = 86_400_000;
const SECRET = "[type=hidden], [type=password], [type=file], [type=submit], [data-code-input], [autocomplete=one-time-code]";
const PRIVATE = /^\/(?:accounts|settings|admin)\//;
const LOGS = /\/events$/;

const pathOf = (form) => new URL(form.getAttribute("action") || location.href, location.href).pathname;
const keyOf = (form) => `draft ${keeper} ${form.dataset.draft ?? pathOf(form)}`;
const fieldsOf = (form) => [...form.elements].filter((field) => field.name && field.matches("input, select, textarea") && !field.matches(SECRET));

function isKept(form) {
  const isOurs = form instanceof HTMLFormElement && form.method === "post" && form.closest("main");
  return Boolean(isOurs) && !PRIVATE.test(pathOf(form)) && fieldsOf(form).length > 0;
}

function isChanged(field) {
  if (field.matches("[type=checkbox], [type=radio]")) return field.checked !== field.defaultChecked;
  if (field.matches("select")) return [...field.options].some((option) => option.selected !== option.defaultSelected);
  return field.value !== field.defaultValue;
}

// Only what was changed: the rest may be another one next time.
function typedInto(form) {
  return fieldsOf(form).filter(isChanged).map((field) => [field.name, field.value, field.checked ?? null]);
}

function keep(form, sent = 0) {
  const typed = typedInto(form);
  if (typed.length) sessionStorage.setItem(keyOf(form), JSON.stringify({ typed, at: Date.now(), sent, from: location.pathname }));
  else if (!sent) sessionStorage.removeItem(keyOf(form));
}

function draftOf(form) {
  const draft = JSON.parse(sessionStorage.getItem(keyOf(form)) ?? "null");
  return draft && Date.now() - draft.at < LASTS ? draft : null;
}

function fill(form, typed) {
  for (const [name, value, checked] of typed) {
    const fields = fieldsOf(form).filter((field) => field.name === name);
    const field = fields.find((one) => one.value === value) ?? fields[0];
    if (!field) continue;
    if (field.matches("[type=checkbox], [type=radio]")) field.checked = checked;
    else field.value = value;
    field.closest("details")?.setAttribute("open", "");
  }
}

// A form that came back with its mistakes holds what was typed already.
const cameBack = (form) => form.querySelector(".errorlist, .is-wrong") !== null;

function restore(form) {
  const draft = isKept(form) ? draftOf(form) : null;
  if (!draft || cameBack(form) || typedInto(form).length) return;
  fill(form, draft.typed);
  if (!typedInto(form).length) return;
  const note = document.querySelector("[data-bar-back]").content.firstElementChild.cloneNode(true);
  note.querySelector("button").addEventListener("click", () => {
    form.reset();
    sessionStorage.removeItem(keyOf(form));
    note.remove();
  });
  form.before(note);
}

// What was sent has arrived when the answer led on, from where it stood, to the page that comes next. Whatever is opened after an
// answer that says what is wrong, or after none, was led to by nothing; and a sign-in in between is no arrival.
function hasArrived({ sent, from }) {
  const hops = performance.getEntriesByType("navigation")[0]?.redirectCount;
  const cameFrom = document.referrer && new URL(document.referrer).pathname;
  return Boolean(sent && hops) && from === cameFrom && !PRIVATE.test(location.pathname);
}

function forgetWhatArrived() {
  for (const key of Object.keys(sessionStorage).filter((one) => one.startsWith("draft "))) {
    const draft = JSON.parse(sessionStorage.getItem(key));
    const isOwn = key.startsWith(`draft ${keeper} `) && Date.now() - draft.at < LASTS;
    if (!isOwn || hasArrived(draft)) sessionStorage.removeItem(key);
    else if (draft.sent) sessionStorage.setItem(key, JSON.stringify({ ...draft, sent: 0 }));
  }
}

function forget(form) {
  if (form instanceof HTMLFormElement) sessionStorage.removeItem(keyOf(form));
}

document.addEventListener("input", ({ target }) => target.form && isKept(target.form) && keep(target.form));
// Whoever chooses another jar has not sent it yet.
document.addEventListener("submit", ({ target, submitter }) => isKept(target) && keep(target, submitter?.hasAttribute("formaction") ? 0 : Date.now()));
document.addEventListener("logged", ({ detail }) => forget(detail));
document.addEventListener("htmx:afterRequest", ({ detail: { elt, successful, xhr } }) => {
  const next = xhr?.getResponseHeader("HX-Location") ?? "";
  if (successful && elt instanceof HTMLFormElement && isKept(elt) && !next.startsWith("/accounts/")) forget(elt);
});
document.addEventListener("htmx:load", ({ detail: { elt } }) => {
  for (const form of [elt, ...elt.querySelectorAll("form")]) if (form instanceof HTMLFormElement && LOGS.test(pathOf(form))) restore(form);
});
document.addEventListener("submit", ({ target }) => {
  if (!target.matches("form[data-push-end]")) return;
  for (const key of Object.keys(sessionStorage)) if (key.startsWith("draft ")) sessionStorage.removeItem(key);
});

forgetWhatArrived();
for (const form of document.forms) restore(form);
