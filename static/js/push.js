// [data-push data-key data-name]: whether reminders come to this browser, and a button to change that; asks only when tapped.
// On every page: tells the server where this browser is reached now. form[data-push-end]: no more, before it is sent.
const DAY = 86_400_000;
const DEVICE = "kefir-device";
const TOLD = "kefir-push";

// The sentence of the page that says why not, if so.
function whyNot() {
  const canPush = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
  const isApple = /iP(hone|ad|od)/.test(navigator.userAgent) || (navigator.platform === "MacIntel" && navigator.maxTouchPoints > 1);
  if (!canPush) return isApple ? "iphone" : "cannot";
  return Notification.permission === "denied" ? "denied" : "";
}

async function subscribed() {
  const registration = await navigator.serviceWorker?.getRegistration("/");
  return (await registration?.pushManager?.getSubscription()) ?? null;
}

function deviceId() {
  const id = localStorage.getItem(DEVICE) ?? [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  localStorage.setItem(DEVICE, id);
  return id;
}

function call(method, path, body) {
  const { "X-CSRFToken": token } = JSON.parse(document.body.getAttribute("hx-headers") ?? "{}");
  const headers = { "Content-Type": "application/json", "X-CSRFToken": token };
  return fetch(`/api/v1/me/devices${path}`, { method, headers, body: body && JSON.stringify(body) });
}

async function tell(subscription, name) {
  const device = { deviceId: deviceId(), platform: "web", subscription: subscription.toJSON(), ...(name && { name }) };
  const answer = await call("POST", "", device);
  if (!answer.ok) throw new Error(`${answer.status}`);
  localStorage.setItem(TOLD, JSON.stringify({ endpoint: subscription.endpoint, at: Date.now() }));
}

async function refresh() {
  const subscription = await subscribed();
  if (!subscription) return;
  const told = JSON.parse(localStorage.getItem(TOLD) ?? "{}");
  if (told.endpoint !== subscription.endpoint || !(Date.now() - told.at < DAY)) await tell(subscription);
}

function fits(subscription, key) {
  const bytes = new Uint8Array(subscription.options.applicationServerKey ?? []);
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "") === key;
}

async function begin(key, name) {
  if ((await Notification.requestPermission()) !== "granted") return false;
  await navigator.serviceWorker.register("/sw.js");
  const { pushManager } = await navigator.serviceWorker.ready;
  await (await pushManager.getSubscription())?.unsubscribe();
  await tell(await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key }), name);
  return true;
}

async function end() {
  const subscription = await subscribed();
  if (!subscription) return false;
  localStorage.removeItem(TOLD);
  await Promise.allSettled([call("DELETE", `/${encodeURIComponent(deviceId())}`), subscription.unsubscribe()]);
  return true;
}

async function draw(place, trouble = "") {
  const [words, on, off] = ["words", "on", "off"].map((part) => place.querySelector(`[data-push-${part}]`));
  const reason = whyNot();
  const subscription = reason ? null : await subscribed();
  const isOn = subscription !== null && fits(subscription, place.dataset.key);
  words.textContent = trouble || place.dataset[reason || (isOn ? "isOn" : "isOff")];
  on.hidden = isOn || Boolean(reason);
  off.hidden = !isOn;
}

async function tapped(place, deed) {
  place.setAttribute("aria-busy", "true");
  try {
    // The list of devices on the page is another one then.
    if (await deed()) location.reload();
    await draw(place);
  } catch (error) {
    await draw(place, place.dataset.trouble.replace("[]", error.message || error.name));
  }
  place.removeAttribute("aria-busy");
}

for (const place of document.querySelectorAll("[data-push]")) {
  const { key, name } = place.dataset;
  place.querySelector("[data-push-on]").addEventListener("click", () => tapped(place, () => begin(key, name)));
  place.querySelector("[data-push-off]").addEventListener("click", () => tapped(place, end));
  draw(place);
}

// A browser that several people use shows nobody's reminders once they have signed out.
for (const form of document.querySelectorAll("form[data-push-end]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const patience = new Promise((resolve) => setTimeout(resolve, 1500));
    await Promise.race([end().catch(() => {}), patience]);
    form.submit();
  });
}

if (!document.querySelector("form[data-push-end]")) refresh().catch(() => {});
