// <time datetime="…" data-relative>: keeps "in 3 h" true while the page stays open. The server's words stand until then.
// In which words is said by the page (templates/_words.html).
const MINUTE = 60_000;
const UNITS = [["days", 1440], ["hours", 60], ["minutes", 1]];
const said = document.getElementById("words").dataset;

export function spanWords(minutes) {
  const first = UNITS.findIndex(([, size]) => minutes >= size);
  if (first < 0) return "";
  const [unit, size] = UNITS[first];
  const whole = Math.floor(minutes / size);
  const next = UNITS[first + 1];
  const rest = next ? Math.floor((minutes % size) / next[1]) : 0;
  const isShort = unit === "hours" ? whole < 6 : whole < 4;
  const words = said[unit].replace("[]", whole);
  return rest && isShort ? `${words} ${said[next[0]].replace("[]", rest)}` : words;
}

export function relativeWords(at, now) {
  const words = spanWords(Math.floor(Math.abs(at - now) / MINUTE));
  if (!words) return said.now;
  return (at > now ? said.ahead : said.ago).replace("[]", words);
}

function refresh() {
  const now = Date.now();
  for (const time of document.querySelectorAll("time[data-relative]")) {
    const at = Date.parse(time.dateTime);
    if (!Number.isNaN(at)) time.textContent = relativeWords(at, now);
  }
}

refresh();
setInterval(refresh, MINUTE);
document.addEventListener("visibilitychange", () => document.hidden || refresh());
document.addEventListener("htmx:load", refresh);
