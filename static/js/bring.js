// form[data-bring]: the file goes straight to the bucket, however large; the server is only told that it is there.

const form = document.querySelector("form[data-bring]");
const bar = form.querySelector("[data-bring-progress]");
const complaint = form.querySelector("[data-bring-error]");

async function post(path, body) {
  const answer = await fetch(`/api/v1${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
    body: body && JSON.stringify(body),
  }).catch(() => null);
  // What stands between us and the server, or nobody at all, answers with something else than JSON.
  const told = await answer?.json().catch(() => null);
  if (!answer?.ok || !told) throw new Error(told?.errors?.[0]?.detail ?? told?.detail ?? form.dataset.broken);
  return told;
}

function put(address, headers, file) {
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    request.open("PUT", address);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", (event) => {
      bar.value = Math.round((100 * event.loaded) / event.total);
    });
    const broken = () => failed(new Error(form.dataset.broken));
    request.addEventListener("error", broken);
    request.addEventListener("load", () => (request.status < 300 ? done() : broken()));
    request.send(file);
  });
}

async function bring(file) {
  const { id, uploadUrl, headers } = await post("/imports", {
    kind: form.elements.kind.value,
    sizeBytes: file.size,
    filename: file.name.slice(0, 255),
  });
  await put(uploadUrl, headers, file);
  await post(`/imports/${id}/uploaded`);
  location.assign(`/settings/data/imports/${id}`);
}

form.addEventListener("submit", async (event) => {
  const file = form.elements.file.files[0];
  if (!file) return;
  event.preventDefault();
  const button = form.querySelector("button");
  bar.hidden = false;
  complaint.hidden = button.disabled = true;
  try {
    await bring(file);
  } catch (error) {
    complaint.textContent = error.message;
    complaint.hidden = false;
    bar.hidden = true;
    button.disabled = false;
  }
});
