// [data-photos="batch" data-name]: photos are chosen and described; from then on the outbox has them, and sends them straight to
// the bucket, however long that takes and whatever breaks meanwhile. data-album is where the pictures are shown.
const TYPES = { jpg: "image/jpeg", jpeg: "image/jpeg", png: "image/png", webp: "image/webp", heic: "image/heic", heif: "image/heif", avif: "image/avif" };
const JUST_NOW = 3_600_000;
const TOGETHER = 300;

// A phone may not know the type of its own pictures.
const typeOf = (file) => file.type || TYPES[file.name.split(".").pop().toLowerCase()] || "application/octet-stream";

class Row {
  constructor(file, template) {
    this.file = file;
    this.element = template.content.firstElementChild.cloneNode(true);
    this.find("[data-name]").textContent = file.name;
  }

  find(selector) { return this.element.querySelector(selector); }

  // Of one just taken the file knows when; an older one says so itself, or nobody does.
  get entry() {
    const { file, element } = this;
    const { lastModified } = file;
    const isFresh = Date.now() - lastModified < JUST_NOW && lastModified <= Date.now();
    const { photos: batch, name: batchName } = element.closest("[data-photos]").dataset;
    return {
      id: self.outbox.newId(),
      keeper: document.body.dataset.keeper,
      batch,
      batchName,
      at: Date.now(),
      file,
      filename: file.name.slice(-255),
      contentType: typeOf(file),
      caption: this.find("[data-caption]").value,
      takenAt: isFresh ? new Date(lastModified).toISOString() : "",
    };
  }

  // True when it is kept: from now on nothing of it is lost with this page.
  async keep() {
    try {
      await self.outbox.add(this.entry);
      return true;
    } catch {
      this.find("[data-full]").hidden = false;
      this.element.classList.add("is-bad");
      return false;
    }
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
    this.button.hidden = this.rows.length === 0;
    this.button.querySelector("[data-number]").textContent = this.rows.length;
  }

  async send() {
    for (const row of [...this.rows]) if (await row.keep()) this.drop(row);
    await self.outbox.flush();
  }
}

let redraw;

document.addEventListener("outbox", ({ detail: { is, entry } }) => {
  const place = document.querySelector("[data-photos]");
  if (is !== "arrived" || !entry?.file || place?.dataset.photos !== entry.batch) return;
  clearTimeout(redraw);
  redraw = setTimeout(() => window.htmx?.ajax("GET", place.dataset.album, { target: "#photos", swap: "outerHTML" }), TOGETHER);
});

// The timeline tells of them, too.
document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target.id !== "photos" || !document.querySelector("#timeline")) return;
  window.htmx.ajax("GET", location.pathname, { target: "#timeline", select: "#timeline", swap: "outerHTML" });
});

// Hidden until its buttons do something: those of a page that htmx brought, too.
function offer() {
  for (const element of document.querySelectorAll("[data-photos][hidden]")) new Uploads(element);
}

offer();
document.addEventListener("htmx:load", offer);
addEventListener("beforeunload", (event) => { if (document.querySelector("[data-photos-list] > li")) event.preventDefault(); });
