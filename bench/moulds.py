"""What the limit of the pages writes: Kefir's own answers, cut into what repeats and what does not."""

import re

TIME = re.compile(r'<time datetime="[^"]*" title="[^"]*"( data-relative)?>[^<]*</time>')
MEASURES = re.compile(r"(?<=<span class=\"soft\">pH</span> )[\d.]+")
FILLED_TIME = '<time datetime="%(iso)s" title="%(long)s"\\1>%(short)s</time>'
Mould = dict[str, str]


def of_list(page: str, *, key: str, name: str, message: str) -> Mould:
    """`key`, `name` and `message` of the card that stands for all."""
    before, cards, after = cut(page, "<article", "</article>")
    [card] = [one for one in cards if key in one]
    item = filled(card, {key: "key", name: "name", message: "message"})
    return {"before": before, "item": TIME.sub(FILLED_TIME, item), "after": after}


def of_page(page: str, *, key: str, name: str, text: str, message: str, reminder: str) -> Mould:
    before, reminders, rest = cut(page, '<li class="card reminder', "</li>")
    between, lines, after = cut(rest, '<li class="timeline-item"', "</li>")
    [due] = [one for one in reminders if reminder in one]
    [line] = [one for one in lines if f">{text}<" in one]
    return {
        "before": filled(before, {key: "key", name: "name"}),
        "reminder": TIME.sub(FILLED_TIME, filled(due, {reminder: "id", message: "message"})),
        "between": between,
        "line": TIME.sub(FILLED_TIME, MEASURES.sub("%(ph)s", filled(line, {text: "text"}))),
        "after": filled(after, {key: "key"}),
    }


def cut(page: str, start: str, end: str) -> tuple[str, list[str], str]:
    """What repeats, and what comes before and after it; between two there is nothing but blanks."""
    before, *items = re.split(f"(?={re.escape(start)})", page)
    last, _, after = items[-1].partition(end)
    return before, [*items[:-1], last + end], after


def filled(piece: str, names: dict[str, str]) -> str:
    piece = piece.replace("%", "%%")
    for value, name in names.items():
        piece = piece.replace(value, f"%({name})s")
    return piece
