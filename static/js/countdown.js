// [data-countdown="42"]: counts the seconds down in data-words ("Try again in [] s"), and says data-over at the end.
// Told to screen readers at the end alone: every second would be a nuisance.
for (const timer of document.querySelectorAll("[data-countdown]")) {
  const over = Date.now() + Number(timer.dataset.countdown) * 1000;
  const tick = setInterval(() => {
    const left = Math.ceil((over - Date.now()) / 1000);
    if (left > 0) {
      timer.textContent = timer.dataset.words.replace("[]", left);
      return;
    }
    clearInterval(tick);
    timer.setAttribute("role", "status");
    timer.textContent = timer.dataset.over;
    document.body.dataset.waited = "";
  }, 250);
}
