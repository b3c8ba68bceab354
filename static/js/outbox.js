// What was written down without a net: kept in this browser until the server has it. An entry has a name of its own from the
// start, by which the server knows it when it comes twice, so that it arrives exactly once whatever breaks on the way.
// `self.outbox`, in pages and in the service worker alike (the server puts this file before sw.js).
self.outbox = (() => {
  const PATIENCE = 20_000;
  const FOR_A_PICTURE = 300_000;
  const A_WHILE = 120_000;
  // Of an upload that was asked for before: it never came, or is given up. Asking anew is all there is to do.
  const ASK_ANEW = new Set(["not_uploaded", "does_not_exist", "photo_refused"]);
  const news = new BroadcastChannel("outbox");

  // No answer at all; a picture that broke off; an answer that will be another one later; and one that stays as it is.
  class NoNet extends Error {}
  class Broken extends Error {}
  class Later extends Error {}
  class Refused extends Error {
    constructor(sentence, code) {
      super(sentence);
      this.code = code;
    }
  }

  // --- kept ---------------------------------------------------------------------------------------------------------

  let opened;

  function database() {
    opened ??= new Promise((done, fail) => {
      const asked = indexedDB.open("kefir", 1);
      asked.onupgradeneeded = () => asked.result.createObjectStore("waiting", { keyPath: "id" });
      asked.onerror = () => fail(asked.error);
      asked.onsuccess = () => {
        const forget = () => { opened = undefined; };
        asked.result.onclose = forget;
        asked.result.onversionchange = () => { asked.result.close(); forget(); };
        done(asked.result);
      };
    }).catch((error) => { opened = undefined; throw error; });
    return opened;
  }

  // True on disk when it is done: the next moment the tab may be gone.
  async function written(deed) {
    const transaction = (await database()).transaction("waiting", "readwrite", { durability: "strict" });
    await new Promise((done, fail) => {
      transaction.oncomplete = done;
      transaction.onabort = transaction.onerror = () => fail(transaction.error);
      deed(transaction.objectStore("waiting"));
    });
  }

  async function read(ask) {
    const asked = ask((await database()).transaction("waiting").objectStore("waiting"));
    return new Promise((done, fail) => {
      asked.onsuccess = () => done(asked.result);
      asked.onerror = () => fail(asked.error);
    });
  }

  async function all() {
    const entries = await read((store) => store.getAll());
    return entries.sort((one, other) => one.at - other.at);
  }

  const isThere = async ({ id }) => (await read((store) => store.getKey(id))) !== undefined;

  async function add(entry) {
    await written((store) => store.put(entry));
    news.postMessage({ id: entry.id, is: "kept" });
    navigator.storage?.persist?.();
    wake().catch(() => {});
  }

  // Where the browser can, it sends what waits even when no page of ours is open any more.
  async function wake() {
    const registration = await navigator.serviceWorker?.getRegistration("/");
    await registration?.sync?.register("outbox");
  }

  async function drop(id, is = "dropped") {
    await written((store) => store.delete(id));
    news.postMessage({ id, is });
  }

  // What was thrown away meanwhile does not come back.
  async function change(entry, changes) {
    Object.assign(entry, changes);
    await written((store) => {
      store.getKey(entry.id).onsuccess = ({ target }) => { if (target.result !== undefined) store.put(entry); };
    });
  }

  // --- sent ---------------------------------------------------------------------------------------------------------

  async function answered(address, asked, patience = PATIENCE) {
    return fetch(address, { ...asked, signal: AbortSignal.timeout(patience) }).catch(() => { throw new NoNet(); });
  }

  async function call(address, body, { key, token }) {
    const headers = { "Content-Type": "application/json", "X-CSRFToken": token, "Idempotency-Key": key };
    const answer = await answered(address, { method: "POST", headers, body: JSON.stringify(body) });
    const said = await answer.json().catch(() => ({}));
    if (answer.ok) return said;
    const isForNow = [401, 408, 429].includes(answer.status) || answer.status >= 500 || said.code === "busy";
    if (isForNow) throw new Later();
    throw new Refused(said.errors?.[0]?.detail ?? said.detail ?? "", said.errors?.[0]?.code ?? said.code);
  }

  // Pages see how far it is; a service worker has no way to.
  function put(file, { uploadUrl, headers }, onProgress) {
    if (!self.XMLHttpRequest) {
      const asked = { method: "PUT", headers, body: file };
      return answered(uploadUrl, asked, FOR_A_PICTURE).catch(() => { throw new Broken(); }).then(taken);
    }
    return new Promise((done, fail) => {
      const request = new XMLHttpRequest();
      request.open("PUT", uploadUrl);
      request.timeout = FOR_A_PICTURE;
      for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
      request.upload.onprogress = (event) => onProgress(event.loaded / event.total);
      request.onload = () => done(request);
      request.onerror = request.ontimeout = () => fail(new Broken());
      request.send(file);
    }).then(taken);
  }

  function taken({ status }) {
    if (status >= 300) throw new Later();
  }

  async function sendEvent(entry, pass) {
    const { occurredAt } = entry.body;
    // A clock that is fast must not make it refused. Written down, because the same name wants the same words.
    if (occurredAt > pass.now) await change(entry, { body: { ...entry.body, occurredAt: pass.now } });
    await call(`/api/v1/batches/${entry.batch}/events`, entry.body, { key: entry.id, token: pass.token });
  }

  async function sendPhoto(entry, pass) {
    if (entry.photoId && (await isConfirmed(entry, pass))) return;
    const { file, filename, contentType } = entry;
    const round = (entry.round ?? 0) + 1;
    const asked = { contentType, filename, sizeBytes: file.size };
    const upload = await call(`${photos(entry)}/upload-url`, asked, { key: `${entry.id} ${round}`, token: pass.token });
    await change(entry, { photoId: upload.photoId, round, told: toldOf(entry, pass) });
    await put(file, upload, (part) => news.postMessage({ id: entry.id, is: "sending", part }));
    await confirm(entry, pass);
  }

  const photos = (entry) => `/api/v1/batches/${entry.batch}/photos`;

  // Of one that had to wait, when it was taken; else the picture says so, or it was just now.
  function toldOf({ at, caption, takenAt }, { now }) {
    const hasWaited = Date.now() - at > A_WHILE && takenAt && takenAt <= now;
    return { caption, ...(hasWaited && { takenAt }) };
  }

  function confirm(entry, { token }) {
    const { id, photoId, round, told } = entry;
    return call(photos(entry), { photoId, ...told }, { key: `${id} confirm ${round}`, token });
  }

  async function isConfirmed(entry, pass) {
    try {
      await confirm(entry, pass);
      return true;
    } catch (error) {
      if (ASK_ANEW.has(error.code)) return false;
      throw error;
    }
  }

  // Who is signed in just now, with a token that is good just now; null when nobody is.
  async function askForPass() {
    const answer = await answered("/offline/pass", { cache: "no-store" });
    if (answer.status === 401) return null;
    if (!answer.ok) throw new Later();
    return answer.json().catch(() => { throw new Later(); });
  }

  const isExpected = (error) => [Refused, Later, Broken, NoNet].some((kind) => error instanceof kind);

  // True where nothing is left to be tried again by itself.
  async function send(entry, pass) {
    news.postMessage({ id: entry.id, is: "sending" });
    try {
      await (entry.file ? sendPhoto(entry, pass) : sendEvent(entry, pass));
      await drop(entry.id, "arrived");
      return true;
    } catch (error) {
      if (!isExpected(error)) throw error;
      const trouble = error instanceof Refused ? error.message || error.code : "";
      const held = error instanceof Later ? "server" : "";
      // Of a picture that broke off nothing was told yet: it begins anew.
      await change(entry, { trouble, held, ...(error instanceof Broken && { photoId: "" }) });
      news.postMessage({ id: entry.id, is: "kept" });
      if (error instanceof NoNet) throw error;
      return error instanceof Refused;
    }
  }

  // Nobody who is signed in sends what another one wrote.
  async function sendAll(only) {
    const waiting = (await all()).filter((entry) => (only ? entry.id === only : !entry.trouble));
    if (!waiting.length) return true;
    const pass = await askForPass();
    const done = [];
    for (const entry of waiting) {
      // A picture before it may have taken minutes.
      if (!(await isThere(entry))) continue;
      if (pass === null) await change(entry, { held: "sign-in" });
      else if (entry.keeper === pass.keeper) done.push(await send(entry, pass));
    }
    if (pass === null) news.postMessage({ is: "signed-out" });
    return done.every(Boolean);
  }

  // One at a time, in whichever tab or worker it is. Says whether it is worth to try again by and by.
  async function flush(only) {
    const deed = async () => {
      try {
        return !(await sendAll(only));
      } catch (error) {
        if (!(error instanceof NoNet || error instanceof Later)) throw error;
        return true;
      }
    };
    return navigator.locks ? navigator.locks.request("outbox", deed) : deed();
  }

  function newId() {
    const hex = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, "$1-$2-4$3-a$4-$5");
  }

  return { add, all, drop, flush, newId };
})();
