// The service worker. Before it the server puts what HOUSE is (kefir/offline_views.py), and outbox.js.
// It keeps pages that were seen, for when there is no net; sends what waits, when there is one again; shows reminders that
// are pushed here, and finishes them by their buttons.

// --- pages seen before ----------------------------------------------------------------------------------------------

const PAGES = "pages ";
const FILES = "files";
const WHO = "who";
const NOBODY = "nobody";
const KIT = "/offline";
const KIT_LASTS = 3_600_000;
const MOST_PAGES = 60;
const MOST_FILES = 150;
const PATIENCE = 4000;
const PAGES_FIRST = 3000;
// The diary. Settings, devices, tokens and whatever signs in or out are never kept.
const KEPT = /^\/(?:$|batches\/|b\/|grains\/|reminders\/|tags\/)/i;
// Where somebody lands whose session is over.
const SIGN_IN = "/accounts/login/";
const FILE = /^\/(?:static|house)\//;
const NEVER_CHANGES = /\.[0-9a-f]{12}\.\w+$/;

self.addEventListener("install", (event) => event.waitUntil(takeAlong().then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(takeOver()));

// What a page without a net is made of, and the page for nobody in particular. What is missing is fetched when it is needed.
async function takeAlong() {
  const files = await caches.open(FILES);
  const isThere = async (address) => NEVER_CHANGES.test(address) && (await files.match(address));
  const fetched = HOUSE.files.map(async (address) => (await isThere(address)) || files.add(address));
  const kit = fetch(KIT, { credentials: "omit" }).then((answer) => answer.ok && files.put(KIT, answer));
  await Promise.allSettled([...fetched, kit]);
}

async function takeOver() {
  // A picture is kept under the address of the part of it that was wanted.
  const ours = new Set([KIT, ...HOUSE.files].map((address) => new URL(address, self.location.origin).href));
  await prune(await caches.open(FILES), MOST_FILES, ({ url }) => !ours.has(url.split("#")[0]));
  await self.clients.claim();
}

// The oldest go, of those that may.
async function prune(cache, most, mayGo = () => true) {
  const keys = (await cache.keys()).filter(mayGo);
  await Promise.all(keys.slice(0, Math.max(0, keys.length - most)).map((key) => cache.delete(key)));
}

async function keeper() {
  const told = await (await caches.open(WHO)).match("/who");
  return (await told?.text()) ?? NOBODY;
}

async function pagesOf(who) {
  return who === NOBODY ? null : caches.open(PAGES + who);
}

// Whoever is signed in now sees no page of anybody else's, not even without a net.
async function meet(who) {
  if (who === (await keeper())) return;
  const others = (await caches.keys()).filter((name) => name.startsWith(PAGES) && name !== PAGES + who);
  await Promise.all(others.map((name) => caches.delete(name)));
  await (await caches.open(WHO)).put("/who", new Response(who));
}

// An answer that does not say whose it is comes from something between us and the server.
async function note(url, answer) {
  const who = answer.headers.get("X-Keeper");
  if (!who) return;
  await meet(who);
  const pages = await pagesOf(who);
  if (!pages || !KEPT.test(url.pathname)) return;
  if (answer.status === 404) await pages.delete(addressOf(url));
  if (answer.status !== 200 || !isPage(answer)) return;
  await pages.put(addressOf(url), marked(answer, await answer.text()));
  await prune(pages, MOST_PAGES);
  await renewKit(pages, who);
}

const addressOf = (url) => url.pathname + url.search;
const isPage = (answer) => (answer.headers.get("Content-Type") ?? "").startsWith("text/html");

// The page itself can tell that it is a kept one, and since when.
function marked(answer, html, mark = `data-kept="${new Date().toISOString()}"`) {
  const headers = new Headers(answer.headers);
  for (const name of ["Content-Encoding", "Content-Length"]) headers.delete(name);
  headers.set("X-Kept-At", `${Date.now()}`);
  headers.set("X-Release", HOUSE.release);
  return new Response(html.replace("<html ", `<html ${mark} `), { headers });
}

// The page for what was not seen before, with the forms to write down what happens: in somebody's own units and language.
async function renewKit(pages, who) {
  const headers = (await pages.match(KIT))?.headers;
  const isFresh = Date.now() - Number(headers?.get("X-Kept-At") ?? 0) < KIT_LASTS;
  if (isFresh && headers.get("X-Release") === HOUSE.release) return;
  const answer = await fetch(KIT);
  if (answer.ok && answer.headers.get("X-Keeper") === who) await pages.put(KIT, marked(answer, await answer.text()));
}

// The net is asked first, always. Where it takes too long, a page that was seen before is better than none.
async function page(url, net) {
  const pages = await pagesOf(await keeper());
  const kept = await pages?.match(addressOf(url), { ignoreVary: true });
  if (!kept) return net.catch(() => kit());
  const patience = new Promise((done) => setTimeout(done, PATIENCE, kept));
  return Promise.race([net.catch(() => kept), patience]);
}

async function kit(mark) {
  const pages = await pagesOf(await keeper());
  const kept = (await pages?.match(KIT)) ?? (await (await caches.open(FILES)).match(KIT));
  if (!kept || !mark) return kept ?? Response.error();
  return marked(kept, await kept.text(), mark);
}

async function file(request) {
  const files = await caches.open(FILES);
  const kept = await files.match(request, { ignoreVary: true });
  if (kept && NEVER_CHANGES.test(request.url)) return kept;
  try {
    const answer = await fetch(request);
    if (answer.status === 200) await files.put(request, answer.clone());
    return answer;
  } catch {
    return kept ?? Response.error();
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (request.mode === "navigate") visit(event, url);
  else if (request.method === "GET" && FILE.test(url.pathname)) event.respondWith(file(request));
});

// What is no page of the diary goes its own way as long as there is one: a download, the back office, a sign-in.
function visit(event, url) {
  if (event.request.method !== "GET") {
    if (!self.navigator.onLine) event.respondWith(kit("data-not-sent"));
    return;
  }
  const isKept = KEPT.test(url.pathname);
  if (!isKept && url.pathname !== SIGN_IN && self.navigator.onLine) return;
  let noted;
  const net = fetch(event.request).then((answer) => {
    noted = note(url, answer.clone());
    return answer;
  });
  event.waitUntil(net.then(() => noted).catch(() => {}));
  event.respondWith(isKept ? page(url, net) : net.catch(() => kit()));
}

// The page from which this worker was called for the first time was not seen by it.
self.addEventListener("message", (event) => {
  if (event.data?.seen) event.waitUntil(look(event.data.seen));
});

async function look(address) {
  const url = new URL(address, self.location.origin);
  await note(url, await fetch(addressOf(url)));
}

// --- what waits to be sent ------------------------------------------------------------------------------------------

self.addEventListener("sync", (event) => {
  if (event.tag === "outbox") event.waitUntil(sendWhatWaits());
});

// An open page shows how far it is, so it goes first. An error makes the browser try again, later and later.
async function sendWhatWaits() {
  const pages = await self.clients.matchAll({ type: "window" });
  if (pages.length) await new Promise((done) => setTimeout(done, PAGES_FIRST));
  if (await self.outbox.flush()) throw new Error("not all of it got through");
}

// --- reminders ------------------------------------------------------------------------------------------------------

const FINISHES = { done: "done", snooze: "later" };

function read(data) {
  try {
    return data.json();
  } catch {
    return {};
  }
}

function isReminder(url) {
  return new URL(url, self.location.origin).pathname.startsWith("/r/");
}

// The same tag takes the place of what was shown under it: a message that comes twice is seen once.
self.addEventListener("push", (event) => {
  const { title = HOUSE.name, body = "", tag = "", url = "/", token = "", actions = [], sorry = "" } = read(event.data);
  const shown = { body, tag, icon: HOUSE.icon, data: { url, token, sorry }, actions: isReminder(url) ? actions : [] };
  event.waitUntil(self.registration.showNotification(title, shown));
});

self.addEventListener("notificationclick", (event) => {
  const { notification, action } = event;
  const { url = "/", token = "" } = notification.data ?? {};
  notification.close();
  const deed = token && FINISHES[action];
  event.waitUntil(deed ? finish(notification, token, deed) : self.clients.openWindow(url));
});

// The token is the proof, so no cookie goes along. 409: it was done already, which is as good.
async function finish(notification, token, deed) {
  const request = { method: "POST", credentials: "omit", referrerPolicy: "no-referrer" };
  const answer = await fetch(`/r/${token}/${deed}`, request).catch(() => null);
  if (answer?.ok || answer?.status === 409) return;
  const { title, body, tag, data, actions } = notification;
  const sorry = `${data.sorry}\n${body}`;
  await self.registration.showNotification(title, { body: sorry, tag, icon: HOUSE.icon, data, actions });
}

// The browser has moved to another address: static/js/push.js tells ours at the next visit.
self.addEventListener("pushsubscriptionchange", (event) => {
  const options = event.oldSubscription?.options;
  if (options && !event.newSubscription) event.waitUntil(self.registration.pushManager.subscribe(options));
});
