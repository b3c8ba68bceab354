// <button data-copy="text" hidden>: appears where copying works, copies in one tap and says so for two seconds.
function offer() {
  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll("[data-copy][hidden]")) button.hidden = false;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const words = button.querySelector("[data-copy-words]") ?? button;
  const before = words.textContent;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    words.textContent = document.getElementById("words").dataset.copied;
  } catch {
    words.textContent = document.getElementById("words").dataset.byHand;
  }
  setTimeout(() => { words.textContent = before; }, 2000);
});

offer();
document.addEventListener("htmx:load", offer);
