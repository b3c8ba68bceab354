// The main job, as a phone does it: node built/main_job.js SITE
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { App, refused, told, type Batch } from "./app.js";

const site = process.argv[2] ?? "http://localhost:8000";
const keeper = "typescript.keeper@example.com";
const app = new App(site);
// One grey point.
const picture = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==",
  "base64",
);

await app.signIn(keeper, mailedCode);
const batch = await startsABatch();
await agreesToBeReminded(batch);
await logsWhatHappens(batch);
await bottlesIt(batch);
await photographsIt(batch);
await findsIt(batch);
await givesAScriptATokenOfItsOwn(batch);
await app.refresh();
await app.signOut();
assert.equal((await refused(app.api.GET("/api/v1/me"))).status, 401);
console.log("done");

async function mailedCode(email: string): Promise<string> {
  const mails = (await (await fetch(`${site}/dev/mail.json`)).json()) as { to: string[]; text: string }[];
  const code = mails.find((mail) => mail.to.includes(email))?.text.match(/\b\d{6}\b/)?.[0];
  assert(code, "no code was mailed");
  return code;
}

async function startsABatch(): Promise<Batch> {
  const header = { "Idempotency-Key": randomUUID() };
  const asked = { params: { header }, body: { temperatureC: 23, fruits: ["Fig"] } };
  const first = await told(app.api.POST("/api/v1/batches", asked));
  const again = await told(app.api.POST("/api/v1/batches", asked));
  assert.equal(again.id, first.id);
  assert(first.suggestions.length > 0);
  const odd = await refused(app.api.POST("/api/v1/batches", { body: { temperatureC: 99 } }));
  assert.deepEqual([odd.status, odd.problem.errors?.[0]?.field], [400, "temperatureC"]);
  return first;
}

async function agreesToBeReminded({ id }: Batch): Promise<void> {
  const path = { batch_id: id };
  const suggested = await told(
    app.api.GET("/api/v1/batches/{batch_id}/reminders/suggestions", { params: { path } }),
  );
  const wanted = suggested.suggestions.map(({ dueAt, message }) => ({ dueAt, message }));
  const { reminders } = await told(
    app.api.POST("/api/v1/batches/{batch_id}/reminders/confirm", {
      params: { path },
      body: { reminders: wanted },
    }),
  );
  assert.equal(reminders.length, wanted.length);
  const [soonest] = reminders;
  assert(soonest);
  const done = await told(
    app.api.POST("/api/v1/reminders/{reminder_id}/done", { params: { path: { reminder_id: soonest.id } } }),
  );
  assert.equal(done.status, "done");
}

async function logsWhatHappens({ id }: Batch): Promise<void> {
  const path = { batch_id: id };
  const body = { id: randomUUID(), kind: "measurement", ph: 3.4 } as const;
  const event = await told(app.api.POST("/api/v1/batches/{batch_id}/events", { params: { path }, body }));
  assert.equal(event.ph, 3.4);
  const timeline = await told(app.api.GET("/api/v1/batches/{batch_id}/events", { params: { path } }));
  assert.deepEqual(
    timeline.results.map((one) => one.id),
    [body.id],
  );
}

async function bottlesIt({ id, version }: Batch): Promise<void> {
  const path = { batch_id: id };
  const header = { "If-Match": `"${version}"` };
  const body = { stage: "bottled", bottleKind: "pet" } as const;
  const bottled = await told(app.api.PATCH("/api/v1/batches/{batch_id}", { params: { path, header }, body }));
  assert.equal(bottled.stage, "bottled");
  const stale = await refused(app.api.PATCH("/api/v1/batches/{batch_id}", { params: { path, header }, body }));
  assert.deepEqual([stale.status, stale.problem.code], [412, "stale"]);
}

async function photographsIt({ id }: Batch): Promise<void> {
  const path = { batch_id: id };
  const body = { contentType: "image/png", sizeBytes: picture.length } as const;
  const upload = await told(
    app.api.POST("/api/v1/batches/{batch_id}/photos/upload-url", { params: { path }, body }),
  );
  const sent = await fetch(upload.uploadUrl, { method: "PUT", headers: upload.headers, body: picture });
  assert.equal(sent.status, 200);
  const photo = await told(
    app.api.POST("/api/v1/batches/{batch_id}/photos", {
      params: { path },
      body: { photoId: upload.photoId, caption: "First bubbles" },
    }),
  );
  assert.deepEqual([photo.width, photo.height, photo.caption], [1, 1, "First bubbles"]);
  assert(photo.url);
  assert.equal((await fetch(photo.url)).status, 200);
}

async function givesAScriptATokenOfItsOwn({ id }: Batch): Promise<void> {
  const header = { "Idempotency-Key": randomUUID() };
  const asked = { params: { header }, body: { name: "Kitchen display", scope: "read" } as const };
  const { token } = await told(app.api.POST("/api/v1/me/tokens", asked));
  const script = new App(site, token);
  const since = { updatedSince: "2026-01-01T00:00:00Z" };
  const changed = await told(script.api.GET("/api/v1/batches", { params: { query: since } }));
  assert(changed.results.some((one) => one.id === id));
  const shut = await refused(script.api.POST("/api/v1/batches", { body: {} }));
  assert.deepEqual([shut.status, shut.problem.code], [403, "insufficient_scope"]);
}

async function findsIt({ id }: Batch): Promise<void> {
  await told(app.api.POST("/api/v1/batches", { body: { name: "Another" } }));
  const query = { limit: 1 };
  const first = await told(app.api.GET("/api/v1/batches", { params: { query } }));
  assert(first.next);
  const cursor = new URL(first.next).searchParams.get("cursor") ?? "";
  const second = await told(app.api.GET("/api/v1/batches", { params: { query: { ...query, cursor } } }));
  assert.deepEqual([...first.results, ...second.results].map((one) => one.id).includes(id), true);
}
