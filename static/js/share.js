// <button data-share="address" data-share-title hidden>: hands it to the phone's share sheet. data-share-file, data-share-type: not
// the address, but what lies there. Appears where the browser can; what takes too long to fetch is shared by a second tap.
const fetched = new WeakMap();

function isPossible({ dataset: { shareFile, shareType } }) {
  if (!navigator.share) return false;
  return !shareFile || Boolean(navigator.canShare?.({ files: [new File([" "], shareFile, { type: shareType })] }));
}

function offer() {
  for (const button of document.querySelectorAll("[data-share][hidden]")) button.hidden = !isPossible(button);
}

async function fileOf(button) {
  const { share, shareFile, shareType } = button.dataset;
  if (!fetched.has(button)) {
    const answer = await fetch(share);
    if (!answer.ok) throw new Error(`${answer.status}`);
    fetched.set(button, new File([await answer.blob()], shareFile, { type: shareType }));
  }
  return fetched.get(button);
}

async function hand(button) {
  const { share, shareTitle: title, shareFile } = button.dataset;
  const what = shareFile ? { files: [await fileOf(button)] } : { url: new URL(share || location.pathname, location.href).href };
  await navigator.share({ title, ...what });
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-share]");
  if (!button) return;
  button.setAttribute("aria-busy", "true");
  button.disabled = true;
  try {
    await hand(button);
  } catch (error) {
    // A browser lets a page share only right after a tap; by now the file is here.
    if (error.name === "NotAllowedError" && fetched.has(button)) button.querySelector("span").textContent = button.dataset.shareReady;
    else if (error.name !== "AbortError" && button.dataset.shareFile) location.assign(button.dataset.share);
  } finally {
    button.removeAttribute("aria-busy");
    button.disabled = false;
  }
});

offer();
document.addEventListener("htmx:load", offer);
