// A form to write down what happened: whatever keeps it from arriving, it is not lost. It goes into the outbox, with its own id,
// so that one that had arrived after all is known when it comes again.
const LOG = /^\/batches\/(\w{12})\/events$/;
const AMOUNTS = ["ph", "brix", "fizz"];
const DAY = 86_400_000;
// Not //elsewhere, in whichever way it is written.
const OURS = /^\/(?![/\\\s])/;

const pathOf = (form) => new URL(form.getAttribute("action") ?? "", location.href).pathname;
const batchOf = (form) => (form instanceof HTMLFormElement ? LOG.exec(pathOf(form))?.[1] : undefined);

// How far that zone's clocks were ahead, at that moment.
function offset(at, zone) {
  const clock = new Intl.DateTimeFormat("en-US", { timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" });
  const { year, month, day, hour, minute, second } = Object.fromEntries(clock.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  return Date.UTC(year, month - 1, day, hour, minute, second) - at;
}

// What a clock in that zone shows, as a moment. Of an hour that comes twice the first is meant, as the server has it.
export function moment(clock, zone) {
  const shown = Date.parse(`${clock}Z`);
  const before = offset(shown - DAY, zone);
  const found = [before, offset(shown + DAY, zone)].find((ahead) => offset(shown - ahead, zone) === ahead);
  return new Date(shown - (found ?? before)).toISOString();
}

function celsius(typed) {
  const amount = Number(typed);
  return document.body.dataset.degrees === "F" ? Math.round(((amount - 32) / 1.8) * 1000) / 1000 : amount;
}

function bodyOf(id, data) {
  const typed = (name) => data.get(name)?.trim() ?? "";
  const body = { id, kind: typed("kind") || "note", description: typed("description") };
  for (const name of AMOUNTS) if (typed(name)) body[name] = Number(typed(name));
  if (typed("temperature_c")) body.temperatureC = celsius(typed("temperature_c"));
  for (const name of ["taste", "sign"]) if (typed(name)) body[name] = typed(name);
  if (typed("ph") && typed("ph_by")) body.phBy = typed("ph_by");
  const at = typed("occurred_at");
  return { ...body, occurredAt: at ? moment(at, document.body.dataset.keeperZone) : new Date().toISOString() };
}

// In the words of the form itself: “pH 3.6”, “Just right”.
function wordsOf(form, submitter) {
  const label = (field) => field.labels?.[0]?.textContent.trim() ?? "";
  const words = submitter?.name ? [submitter.textContent.trim()] : [];
  for (const field of form.querySelectorAll("input[type=number], input[type=radio]:checked")) {
    if (field.value && field.name !== "kind") words.push(field.type === "radio" ? label(field) : `${label(field).split("\n")[0].trim()} ${field.value}`);
  }
  return words;
}

function nameOfBatch() {
  const named = document.querySelector(".batch-head h1, .quick-head h1") ?? document.querySelector(".back-link span");
  return named?.textContent.trim() ?? "";
}

function note(which) {
  return document.querySelector(`[data-bar-${which}]`).content.firstElementChild.cloneNode(true);
}

async function keep(form, data, submitter) {
  const id = data.get("id") || self.outbox.newId();
  const entry = { id, keeper: document.body.dataset.keeper, batch: batchOf(form), batchName: nameOfBatch(), at: Date.now(), body: bodyOf(id, data), shown: wordsOf(form, submitter) };
  try {
    await self.outbox.add(entry);
  } catch {
    form.before(note("full"));
    return;
  }
  document.dispatchEvent(new CustomEvent("logged", { detail: form }));
  // A button stays to be pressed again, and that is another time then.
  if (form.getAttribute("id") === "record-form") form.replaceWith(note("kept"), ...wayOn(data));
  else form.elements.id.value = self.outbox.newId();
  self.outbox.flush();
}

function wayOn(data) {
  const next = data.get("next");
  if (!OURS.test(next ?? "") || next === location.pathname) return [];
  const words = document.querySelector(".back-link span")?.textContent || next;
  return [Object.assign(document.createElement("a"), { href: next, className: "button button-soft", textContent: words })];
}

// Without a net, and on the page that stands for one that is not here, there is nobody to ask.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!batchOf(form) || (navigator.onLine && !("offlinePage" in document.body.dataset))) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  keep(form, new FormData(form, event.submitter), event.submitter);
}, true);

function failed(event) {
  const { elt, requestConfig } = event.detail;
  const { formData, triggeringEvent } = requestConfig;
  if (batchOf(elt) && requestConfig.verb === "post") {
    event.preventDefault();
    keep(elt, formData, triggeringEvent?.submitter);
  }
  // The form itself did not come: the service worker has one.
  else if (elt.matches("a[href][hx-get]")) location.assign(elt.href);
}

document.addEventListener("htmx:sendError", failed);
document.addEventListener("htmx:timeout", failed);
// The token was too old, or something is broken over there: the outbox knows how to wait. A refusal is shown on the form.
document.addEventListener("htmx:responseError", (event) => {
  const { status } = event.detail.xhr;
  if (status === 403 || status === 429 || status >= 500) failed(event);
});
document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (batchOf(detail.elt)) detail.timeout = 15_000;
});

// A page that was kept has ids that may have been used since.
function renewIds() {
  if (!("kept" in document.documentElement.dataset)) return;
  for (const form of document.forms) if (batchOf(form) && form.elements.id) form.elements.id.value = self.outbox.newId();
}

renewIds();
