// <time datetime="…" data-relative>: keeps "in 3 h" true while the page stays open. The server's words stand until then.
const MINUTE = 60_000;
const UNITS = [["d", 1440], ["h", 60], ["min", 1]];

export function spanWords(minutes) {
  const first = UNITS.findIndex(([, size]) => minutes >= size);
  if (first < 0) return "";
  const [unit, size] = UNITS[first];
  const whole = Math.floor(minutes / size);
  const next = UNITS[first + 1];
  const rest = next ? Math.floor((minutes % size) / next[1]) : 0;
  const isShort = unit === "h" ? whole < 6 : whole < 4;
  return rest && isShort ? `${whole} ${unit} ${rest} ${next[0]}` : `${whole} ${unit}`;
}

export function relativeWords(at, now) {
  const words = spanWords(Math.floor(Math.abs(at - now) / MINUTE));
  if (!words) return "now";
  return at > now ? `in ${words}` : `${words} ago`;
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
