// [data-waiting="batch, or nothing for all"]: what waits in this browser to be sent, as lines of the timeline, each to be sent
// again or thrown away. [data-bar]: on every page, that something waits. form[data-push-end]: signing out asks first.
const AGAIN_AFTER = 30_000;
const FLASH = 6000;
const TOGETHER = 300;
const keeper = document.body.dataset.keeper;
const parts = new Map();
let later;

const one = (selector, within = document) => within.querySelector(selector);

function says(place, what) {
  for (const words of place.querySelectorAll("[data-says]")) words.hidden = words.dataset.says !== what;
}

function stateOf(entry) {
  if (parts.has(entry.id)) return "sending";
  return entry.trouble ? "trouble" : entry.held || "waiting";
}

function drawn(entry) {
  const item = one("[data-waiting-item]").content.firstElementChild.cloneNode(true);
  const kind = entry.file ? "photo" : entry.body.kind;
  for (const other of item.querySelectorAll("[data-kind]")) if (other.dataset.kind !== kind) other.remove();
  const state = stateOf(entry);
  item.dataset.state = state === "trouble" ? "danger" : "open";
  item.dataset.entry = entry.id;
  const time = one("time", item);
  time.dateTime = new Date(entry.at).toISOString();
  time.textContent = new Date(entry.at).toLocaleString(document.documentElement.lang, { weekday: "short", hour: "numeric", minute: "2-digit" });
  const link = one("[data-of] a", item);
  link.href = `/batches/${entry.batch}`;
  link.textContent = entry.batchName || entry.batch;
  one("[data-text]", item).textContent = entry.file ? entry.caption || entry.filename : entry.body.description ?? "";
  one("[data-values]", item).replaceChildren(...(entry.shown ?? []).map((words) => {
    return Object.assign(document.createElement("span"), { className: "measure", textContent: words });
  }));
  one("[data-sentence]", item).textContent = entry.trouble ?? "";
  one("progress", item).hidden = state !== "sending" || !entry.file;
  one("progress", item).value = parts.get(entry.id) ?? 0;
  one(".waiting-deeds", item).hidden = state === "sending";
  says(item, state);
  return item;
}

async function draw() {
  const entries = await self.outbox.all();
  for (const entry of entries) known.set(entry.id, entry);
  const own = entries.filter((entry) => entry.keeper === keeper);
  for (const list of document.querySelectorAll("[data-waiting]")) {
    const { waiting } = list.dataset;
    const shown = own.filter((entry) => !waiting || entry.batch === waiting);
    list.replaceChildren(...shown.map(drawn));
    list.classList.toggle("is-of-all", !waiting);
    list.hidden = shown.length === 0;
  }
  one("[data-nothing]")?.toggleAttribute("hidden", own.length > 0);
  drawBar(own, entries.length - own.length);
  warnBeforeLeaving(entries.length);
}

function drawBar(own, others) {
  const bar = one("[data-bar-waiting]");
  if (!bar) return;
  const wrong = own.filter((entry) => entry.trouble).length;
  const number = wrong || own.length || others;
  bar.hidden = number === 0;
  bar.dataset.state = wrong ? "danger" : "open";
  one("b", bar).textContent = number;
  says(bar, wrong ? "trouble" : own.length ? "waiting" : "others");
}

// Signing out empties this browser of all that is private: of what waits, too, whoever wrote it.
function warnBeforeLeaving(number) {
  const form = one("form[data-push-end]");
  const words = one("[data-bar-leaving]")?.content;
  if (!form || !words) return;
  if (!number) return void form.removeAttribute("data-confirm");
  form.dataset.confirm = one("[data-question]", words).textContent;
  form.dataset.confirmYes = one("[data-yes]", words).textContent;
}

function sayArrived() {
  const note = one("[data-bar-sent]");
  if (!note || !one("[data-bar-waiting]").hidden) return;
  note.hidden = false;
  setTimeout(() => { note.hidden = true; }, FLASH);
}

let redraw;

// Where its page is open, it takes its place there; several at once in one go.
function arrived(entry) {
  sayArrived();
  if (!entry || !one("#timeline") || !location.pathname.includes(entry.batch)) return;
  clearTimeout(redraw);
  redraw = setTimeout(() => window.htmx?.ajax("GET", location.pathname, { target: "#timeline", select: "#timeline", swap: "outerHTML" }), TOGETHER);
}

// Sends what can be sent; where something must wait, looks again by and by.
async function send(only) {
  clearTimeout(later);
  if (!navigator.onLine) return;
  if (await self.outbox.flush(only)) later = setTimeout(send, AGAIN_AFTER);
}

// What has arrived is no longer there to be asked.
const known = new Map();

async function hear({ data: { id, is, part } }) {
  if (is === "sending") parts.set(id, part ?? 0);
  else parts.delete(id);
  const progress = part && one(`[data-entry="${id}"] progress`);
  if (progress) progress.value = part;
  else await draw();
  if (is === "arrived") arrived(known.get(id));
  document.dispatchEvent(new CustomEvent("outbox", { detail: { is, entry: known.get(id) } }));
}

document.addEventListener("click", (event) => {
  const item = event.target.closest("[data-entry]");
  if (item && event.target.closest("[name=again]")) send(item.dataset.entry);
});

document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-drop]");
  if (!form) return;
  event.preventDefault();
  self.outbox.drop(form.closest("[data-entry]").dataset.entry);
});

async function begin() {
  await draw();
  await send();
}

new BroadcastChannel("outbox").addEventListener("message", hear);
document.addEventListener("htmx:load", () => draw());
addEventListener("online", () => send());
document.addEventListener("visibilitychange", () => document.hidden || send());
begin();
