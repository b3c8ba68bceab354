// [data-photos="/api/…/photos"]: photos are chosen, described, and sent straight to the bucket, two at a time, each with
// its progress. What fails stays with what was typed, and can be tried again. data-album is where the pictures are shown.
const AT_ONCE = 2;
const TYPES = { jpg: "image/jpeg", jpeg: "image/jpeg", png: "image/png", webp: "image/webp", heic: "image/heic", heif: "image/heif", avif: "image/avif" };
const LOST = "The connection broke. Try again.";

class Refused extends Error {}

async function call(address, method, body) {
  const { "X-CSRFToken": token } = JSON.parse(document.body.getAttribute("hx-headers") ?? "{}");
  const headers = { "Content-Type": "application/json", "X-CSRFToken": token };
  const answer = await fetch(address, { method, headers, body: JSON.stringify(body) }).catch(() => { throw new Error(LOST); });
  if (answer.ok) return answer.json();
  const said = await answer.json().catch(() => ({}));
  const sentence = said.errors?.[0]?.detail ?? said.detail ?? LOST;
  throw answer.status === 400 ? new Refused(sentence) : new Error(sentence);
}

function put(file, { uploadUrl, headers }, onProgress) {
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    request.open("PUT", uploadUrl);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => onProgress(event.loaded / event.total);
    request.onload = () => (request.status < 300 ? done() : fail(new Error("The photo was not taken. Try again.")));
    request.onerror = request.ontimeout = () => fail(new Error(LOST));
    request.send(file);
  });
}

// A phone may not know the type of its own pictures.
const typeOf = (file) => file.type || TYPES[file.name.split(".").pop().toLowerCase()] || "application/octet-stream";

class Row {
  constructor(file, template) {
    this.file = file;
    this.element = template.content.firstElementChild.cloneNode(true);
    this.find("[data-name]").textContent = file.name;
  }

  find(selector) { return this.element.querySelector(selector); }

  say(sentence, isBad = false) {
    this.find("[data-said]").textContent = sentence;
    this.element.classList.toggle("is-bad", isBad);
  }

  get isSending() { return this.element.hasAttribute("aria-busy"); }

  set isSending(sending) {
    this.element.toggleAttribute("aria-busy", sending);
    this.find("progress").hidden = !sending;
    this.find("[data-drop]").hidden = sending;
    this.find("[data-caption]").readOnly = sending;
  }

  // True when it is on the timeline. What has arrived already is not sent again.
  async send(address) {
    this.isSending = true;
    this.say("On its way…");
    try {
      this.arrived ??= await this.upload(address);
      await call(address, "POST", { photoId: this.arrived, caption: this.find("[data-caption]").value });
      return true;
    } catch (error) {
      if (error instanceof Refused) this.arrived = undefined;
      this.say(error.message, true);
      return false;
    } finally {
      this.isSending = false;
    }
  }

  async upload(address) {
    const asked = { contentType: typeOf(this.file), sizeBytes: this.file.size, filename: this.file.name.slice(-255) };
    const upload = await call(`${address}/upload-url`, "POST", asked);
    await put(this.file, upload, (part) => { this.find("progress").value = part; });
    this.say("Looking at it…");
    return upload.photoId;
  }
}

class Uploads {
  constructor(element) {
    this.element = element;
    this.rows = [];
    this.list = element.querySelector("[data-photos-list]");
    this.button = element.querySelector("[data-photos-send]");
    const chooser = element.querySelector("[data-photos-chosen]");
    chooser.addEventListener("change", () => {
      for (const file of chooser.files) this.add(file);
      chooser.value = "";
    });
    this.button.addEventListener("click", () => this.send());
    addEventListener("beforeunload", (event) => { if (this.rows.length) event.preventDefault(); });
    element.hidden = false;
  }

  add(file) {
    const row = new Row(file, this.element.querySelector("[data-photos-row]"));
    row.find("[data-drop]").addEventListener("click", () => this.drop(row));
    this.rows.push(row);
    this.list.append(row.element);
    this.show();
  }

  drop(row) {
    this.rows = this.rows.filter((other) => other !== row);
    row.element.remove();
    this.show();
  }

  show() {
    const again = this.rows.some((row) => row.element.classList.contains("is-bad"));
    const sending = this.rows.some((row) => row.isSending);
    const what = this.rows.length === 1 ? "this photo" : `these ${this.rows.length} photos`;
    this.button.hidden = this.rows.length === 0;
    this.button.disabled = sending;
    this.button.querySelector("[data-words]").textContent = sending ? "Sending…" : again ? "Try again" : `Add ${what}`;
  }

  async send() {
    const waiting = [...this.rows];
    const worker = async () => {
      for (let row = waiting.shift(); row; row = waiting.shift()) {
        const sent = row.send(this.element.dataset.photos);
        this.show();
        if (await sent) this.drop(row);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    this.show();
    window.htmx?.ajax("GET", this.element.dataset.album, { target: "#photos", swap: "outerHTML" });
  }
}

// The timeline tells of them, too.
document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target.id !== "photos" || !document.querySelector("#timeline")) return;
  window.htmx.ajax("GET", location.pathname, { target: "#timeline", select: "#timeline", swap: "outerHTML" });
});

for (const element of document.querySelectorAll("[data-photos]")) new Uploads(element);
