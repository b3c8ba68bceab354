// Every page of somebody signed in: registers the service worker, and says so when the page is one that was kept.
// [data-offline-page]: the page for what is not here (offline_views.py): which of its parts is meant, the form for the batch in
// the address, and which pages are here.
const LOG = /^\/batches\/(\w{12})\/events$/;
// Not //elsewhere, in whichever way it is written.
const OURS = /^\/(?![/\\\s])/;
const ANY_BATCH = "000000000000";
const MOST_SHOWN = 12;
const { kept, notSent } = document.documentElement.dataset;

const one = (selector, within = document) => within.querySelector(selector);

async function register() {
  if (!("serviceWorker" in navigator)) return;
  await navigator.serviceWorker.register("/sw.js");
  if (navigator.serviceWorker.controller) return;
  const { active } = await navigator.serviceWorker.ready;
  active.postMessage({ seen: location.pathname + location.search });
}

function sayIfKept() {
  const note = one("[data-kept-note]");
  if (kept === undefined || !note || "offlinePage" in document.body.dataset) return;
  one("time", note).dateTime = kept;
  one("time", note).textContent = new Date(kept).toLocaleString(document.documentElement.lang, { weekday: "short", hour: "numeric", minute: "2-digit" });
  note.hidden = false;
}

const isTouched = () => [...document.querySelectorAll("main :is(input, textarea)")].some((field) => field.value !== field.defaultValue);

let isLeaving = false;
addEventListener("beforeunload", () => { isLeaving = true; });

// What is shown must not stay old once there is a net; a browser that believes there is one may be wrong.
async function renew() {
  const answer = await fetch("/healthz").catch(() => null);
  if (answer?.ok && !isLeaving && !isTouched()) location.reload();
}

addEventListener("online", () => { if (kept !== undefined && !LOG.test(location.pathname)) renew(); });

// --- the page for what is not here ----------------------------------------------------------------------------------

async function pages() {
  const names = (await caches.keys()).filter((name) => name === `pages ${document.body.dataset.keeper}`);
  return names.length ? caches.open(names[0]) : null;
}

async function titleOf(cache, address) {
  const html = await (await cache.match(address, { ignoreVary: true }))?.text();
  const page = html && new DOMParser().parseFromString(html, "text/html");
  return page ? (one("main h1", page) ?? one("title", page)).textContent.trim() : "";
}

async function listPages() {
  const place = one("[data-kept-pages]");
  const cache = place && (await pages());
  const addresses = (await cache?.keys() ?? []).map(({ url }) => new URL(url)).filter(({ pathname, search }) => !search && !LOG.test(pathname) && pathname !== "/offline");
  for (const { pathname } of addresses.slice(-MOST_SHOWN).reverse()) {
    const row = one("template", place).content.firstElementChild.cloneNode(true);
    one("a", row).href = pathname;
    one("span", row).textContent = await titleOf(cache, pathname);
    one("ul", place).append(row);
  }
  if (place) place.hidden = addresses.length === 0;
}

async function offerForm(batch) {
  const asked = new URLSearchParams(location.search);
  const what = asked.get("what") ?? "";
  const kit = one(`template[data-kit="${CSS.escape(what)}"]`) ?? one('template[data-kit=""]');
  const form = kit.content.querySelector("form").cloneNode(true);
  for (const name of form.getAttributeNames()) if (name.startsWith("hx-")) form.removeAttribute(name);
  form.setAttribute("action", form.getAttribute("action").replace(ANY_BATCH, batch));
  const next = OURS.test(asked.get("next") ?? "") ? asked.get("next") : `/batches/${batch}`;
  form.elements.next.value = next;
  form.elements.id.value = self.outbox.newId();
  for (const link of form.querySelectorAll("a.button")) link.href = next;
  one("[data-kit-place]").replaceChildren(form);
  const back = one(".back-link");
  back.href = next;
  const cache = await pages();
  one("span", back).textContent = (cache && ((await titleOf(cache, `/batches/${batch}`)) || (await titleOf(cache, `/b/${batch}`)))) || batch;
  document.dispatchEvent(new CustomEvent("htmx:load", { detail: { elt: form } }));
}

function partMeant() {
  if (notSent !== undefined) return "not-sent";
  if (location.pathname === "/offline") return "waits";
  return LOG.test(location.pathname) && one("[data-kit]") ? "log" : "unseen";
}

async function show() {
  const meant = partMeant();
  for (const part of document.querySelectorAll("[data-offline]")) part.hidden = part.dataset.offline !== meant;
  one("[data-back]").addEventListener("click", () => history.back());
  if (meant === "log") await offerForm(LOG.exec(location.pathname)[1]);
  else await listPages();
  // Without a reload by hand, the page that was wanted.
  if (meant === "unseen") addEventListener("online", renew);
}

sayIfKept();
if ("offlinePage" in document.body.dataset) show();
if (document.readyState === "complete") register();
else addEventListener("load", register);
