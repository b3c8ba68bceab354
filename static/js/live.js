// [data-live="/live/"]: this page shows what changes elsewhere while it is open. The stream only says that something did;
// the page then asks for itself anew, and takes over what is different. Without the stream it asks every 15 s. A tab
// that nobody sees does neither, and catches up when it is looked at.
// <html data-hears> says by which of the two. [data-live-keep]: a script's or a person's own; stays as it is. [data-live-adds]: what was fetched into it stays.
const ASK_EVERY = 15_000;
const SILENT_FOR = 40_000;
const GATHER = 200;
const REST = 1_500;
const TRY_AGAIN = [1_000, 3_000, 10_000, 30_000, 120_000];
const NONE_HERE = "kefir-no-stream";
const NONE_HERE_FOR = 120_000;

// --- taking over what is different ----------------------------------------------------------------------------------
const fetched = new WeakSet();

const isDirty = (field) => field.type !== "hidden" && (field.type === "checkbox" || field.type === "radio" ? field.checked !== field.defaultChecked
  : field.options ? [...field.options].some((option) => option.selected !== option.defaultSelected) && !isUntouched(field)
  : field.defaultValue !== undefined && field.value !== field.defaultValue);

// Where no option is said to be chosen, the browser chooses the first.
const isUntouched = (select) => ![...select.options].some((option) => option.defaultSelected) && select.selectedIndex <= 0;

function isTyping() {
  const field = document.activeElement;
  return field?.matches("input:not([type=hidden], [type=submit]), textarea, select") ? field : null;
}

const isElement = (node) => node.nodeType === Node.ELEMENT_NODE;

function isInHand(node) {
  if (!isElement(node)) return false;
  if (node.matches("[data-live-keep], .htmx-request") || fetched.has(node)) return true;
  return node.matches("form") && (node.contains(isTyping()) || [...node.elements].some(isDirty));
}

// What goes with all that is in it must take nothing along that is not done: of a script's own, its entries.
function holds(node) {
  if (!isElement(node)) return false;
  const inside = [node, ...node.querySelectorAll("form, [data-live-keep], .htmx-request")];
  return fetched.has(node) || inside.some((one) => isInHand(one) && (!one.matches("[data-live-keep]") || one.querySelector("li")));
}

function keyOf(node) {
  if (!isElement(node)) return "";
  return node.id || (node.matches("li, article") ? (node.querySelector("a[href]")?.getAttribute("href") ?? "") : "");
}

// By what a node is known again: its name, or else its kind.
const markOf = (node) => keyOf(node) || `${node.nodeName} ${isElement(node) ? (node.getAttribute("class") ?? "") : ""}`;

// An address that was signed anew shows the same picture.
const path = (address) => address?.split("?")[0];
const isSamePicture = (name, now, then) => (name === "src" || name === "srcset") && path(now) === path(then);

function takeAttributes(now, then) {
  for (const { name, value } of then.attributes) {
    const known = now.getAttribute(name);
    if (known !== value && !(now.matches("img") && isSamePicture(name, known, value))) now.setAttribute(name, value);
  }
  for (const { name } of [...now.attributes]) {
    const opened = name === "open" && now.matches("details, dialog");
    if (!then.hasAttribute(name) && !opened) now.removeAttribute(name);
  }
}

function takeNode(now, then) {
  if (isInHand(now) || now.isEqualNode(then)) return;
  if (!isElement(now)) {
    if (now.data !== then.data) now.data = then.data;
    return;
  }
  const opened = now.matches("details") && now.open;
  takeAttributes(now, then);
  if (now.matches("details")) now.open = opened;
  takeChildren(now, then);
}

function findIn(waiting, then, wanted) {
  const mark = markOf(then);
  const isLike = (now) => now.nodeName === then.nodeName && !keyOf(now) && !wanted.has(markOf(now));
  return waiting.find((now) => markOf(now) === mark) ?? (keyOf(then) ? undefined : waiting.find(isLike));
}

// What is gone goes first, so that what stays need not be moved: an element that is moved loses the focus. What was
// fetched below a list keeps what stood above it.
function takeChildren(parent, fresh) {
  const isLonger = parent.closest("[data-live-adds]") && [...parent.parentElement.children].some((one) => fetched.has(one));
  const wanted = new Set([...fresh.childNodes].map(markOf));
  const stays = (node) => isLonger || holds(node) || !keyOf(node) || wanted.has(keyOf(node));
  for (const gone of [...parent.childNodes].filter((node) => !stays(node))) gone.remove();
  const waiting = [...parent.childNodes];
  let place = parent.firstChild;
  for (const then of fresh.childNodes) {
    const now = findIn(waiting, then, wanted);
    if (now) waiting.splice(waiting.indexOf(now), 1);
    let node = now;
    if (now && (now.nodeName === then.nodeName || isInHand(now))) takeNode(now, then);
    else node = document.importNode(then, true);
    if (now && now !== node) now.replaceWith(node);
    if (now === place) place = node;
    if (node !== place) parent.insertBefore(node, place);
    place = node.nextSibling;
  }
  for (const gone of waiting) if (!isLonger && !holds(gone)) gone.remove();
}

// Whether anything is to be seen of it.
function takeOver(main, fresh) {
  const before = main.textContent;
  const focused = main.contains(document.activeElement) ? document.activeElement : null;
  takeChildren(main, fresh);
  window.htmx?.process(main);
  document.dispatchEvent(new CustomEvent("htmx:load", { detail: { elt: main } }));
  if (focused && document.activeElement !== focused) (focused.isConnected ? focused : main).focus({ preventScroll: true });
  return main.textContent !== before;
}

// What a person opened stays as long as they want: a form in place of its button, the earlier part of a list.
document.addEventListener("htmx:load", ({ detail }) => {
  const { elt } = detail ?? {};
  if (elt?.closest && elt.closest("main") && !elt.querySelector("#live") && (elt.matches("form") || elt.parentElement?.matches("[data-live-adds]"))) fetched.add(elt);
});

// --- hearing of it --------------------------------------------------------------------------------------------------
class Live {
  constructor() {
    this.tries = 0;
    this.looked = 0;
  }

  get place() { return document.querySelector("[data-live]"); }

  // Again and again: a page may have become another one, without being loaded.
  begin() {
    const { place } = this;
    if (this.of !== place) {
      this.stop();
      this.of = place;
      this.since = place?.dataset.liveSince;
      this.address = place?.dataset.live;
      this.isOver = false;
    }
    if (!place || this.isOver || document.hidden) return this.stop();
    if (!this.source && !this.asking) this.listen();
    if (this.isStale) this.lookSoon(GATHER);
  }

  stop() {
    this.hangUp();
    for (const timer of [this.asking, this.again]) clearTimeout(timer);
    this.asking = this.again = undefined;
  }

  hangUp() {
    delete document.documentElement.dataset.hears;
    clearTimeout(this.silence);
    this.source?.close();
    this.source = undefined;
  }

  listen() {
    this.again = undefined;
    if (Number(sessionStorage.getItem(NONE_HERE)) > Date.now()) {
      this.again = setTimeout(() => this.listen(), NONE_HERE_FOR);
      if (!this.asking) this.ask();
      return;
    }
    const address = new URL(this.address, location.href);
    address.searchParams.set("since", this.since);
    const source = new EventSource(address, { withCredentials: true });
    this.source = source;
    source.addEventListener("hello", () => this.hears());
    source.addEventListener("still", ({ data }) => this.hear(JSON.parse(data)));
    source.addEventListener("changed", ({ data }) => this.hear(JSON.parse(data)));
    source.addEventListener("over", () => this.end());
    source.onerror = () => this.lose();
    this.listenToSilence();
  }

  listenToSilence() {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.lose(), SILENT_FOR);
  }

  hears() {
    document.documentElement.dataset.hears = "stream";
    this.tries = 0;
    this.heard = true;
    clearTimeout(this.asking);
    this.asking = undefined;
    this.listenToSilence();
  }

  hear({ since, changes }) {
    this.hears();
    this.take({ since, changes });
  }

  // Signed out, or erased: whoever is here now sees it at the next tap.
  end() {
    this.isOver = true;
    this.stop();
  }

  // Where no proxy leads to the stream, other pages need not find that out again.
  lose() {
    this.hangUp();
    if (!this.heard && this.tries > 1) sessionStorage.setItem(NONE_HERE, String(Date.now() + NONE_HERE_FOR));
    const wait = TRY_AGAIN[Math.min(this.tries++, TRY_AGAIN.length - 1)];
    this.again = setTimeout(() => this.listen(), wait * (1 + Math.random()));
    if (!this.asking) this.ask();
  }

  async ask() {
    document.documentElement.dataset.hears = "asking";
    clearTimeout(this.asking);
    this.asking = setTimeout(() => this.ask(), ASK_EVERY);
    const address = new URL(this.place.dataset.liveAsks, location.href);
    address.searchParams.set("since", this.since);
    const answer = await fetch(address, { headers: { Accept: "application/json" } }).catch(() => null);
    if (answer?.status === 401) this.end();
    if (!answer?.ok) return;
    const { since, changes, stream } = await answer.json();
    this.address = stream;
    this.take({ since, changes });
  }

  take({ since, changes }) {
    this.since = since;
    const batch = this.place?.dataset.liveBatch;
    if (changes.some((change) => !batch || !change.batch || change.batch === batch)) this.lookSoon(GATHER);
  }

  // --- looking anew ---
  lookSoon(wait) {
    this.isStale = true;
    clearTimeout(this.looking);
    this.looking = setTimeout(() => this.look(), Math.max(wait, this.looked + REST - Date.now()));
  }

  get isBusy() { return document.querySelector("dialog[open], main .htmx-request, body.htmx-request") !== null; }

  async look() {
    const { place } = this;
    if (document.hidden || !place) return;
    if (this.isBusy) return this.lookSoon(REST);
    this.looked = Date.now();
    this.isStale = false;
    const answer = await fetch(location.href, { headers: { "X-Looks-Again": "yes" } }).catch(() => null);
    if (answer?.redirected || place !== this.place) return;
    const fresh = answer?.ok && new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
    if (!fresh) return this.lookSoon(ASK_EVERY);
    if (this.isBusy) return this.lookSoon(REST);
    if (takeOver(document.querySelector("main"), fresh)) place.querySelector("[role=status]").textContent = place.dataset.liveSaid;
  }
}

const live = new Live();
live.begin();
document.addEventListener("visibilitychange", () => live.begin());
document.addEventListener("htmx:afterSettle", () => live.begin());
addEventListener("pagehide", () => live.stop());
addEventListener("pageshow", () => live.begin());
