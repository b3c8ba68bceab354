// The service worker: shows reminders that are pushed here, and finishes them by their buttons.
// It keeps no page and answers no request: what people see is private, and fresh.
const FINISHES = { done: "done", snooze: "later" };
const ICON = "/static/img/apple-touch-icon.png";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

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
  const { title = "Kefir", body = "", tag = "", url = "/", token = "", actions = [] } = read(event.data);
  const shown = { body, tag, icon: ICON, data: { url, token }, actions: isReminder(url) ? actions : [] };
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
  const sorry = `That did not get through. Try again, or open it.\n${body}`;
  await self.registration.showNotification(title, { body: sorry, tag, icon: ICON, data, actions });
}

// The browser has moved to another address: static/js/push.js tells ours at the next visit.
self.addEventListener("pushsubscriptionchange", (event) => {
  const options = event.oldSubscription?.options;
  if (options && !event.newSubscription) event.waitUntil(self.registration.pushManager.subscribe(options));
});
