"""What translators write (locale/…/django.po), made into what gettext reads (django.mo), without tools of the system.

Made anew wherever Kefir starts and a catalogue is newer than what was made of it.
"""

import ast
import os
import struct
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "locale"
MAGIC = 0x950412DE
CONTEXT, PLURAL = "\x04", "\0"


def bring_up_to_date(folder: Path = FOLDER) -> list[Path]:
    """What was made; nothing where all is fresh."""
    stale = [po for po in sorted(folder.glob("*/LC_MESSAGES/*.po")) if is_stale(po)]
    for po in stale:
        put(po.with_suffix(".mo"), compiled(po.read_text(encoding="utf-8")))
    return stale


def bring_up_to_date_if_one_may() -> None:
    """A folder that cannot be written to was brought up to date when it was built, or stays as it is."""
    with suppress(OSError):
        bring_up_to_date()


def is_stale(po: Path) -> bool:
    mo = po.with_suffix(".mo")
    return not mo.exists() or mo.stat().st_mtime_ns < po.stat().st_mtime_ns


def put(path: Path, content: bytes) -> None:
    """Whole or not at all: several processes may start at once."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_bytes(content)
    draft.replace(path)


# --- reading ------------------------------------------------------------------------------------------------


def messages(po: str) -> dict[str, str]:
    """By what gettext looks up: the sentence, after its context if it has one, with its plural if it has one."""
    found = {}
    for entry in po.split("\n\n"):
        said = fields(entry)
        if "#, fuzzy" in entry and said.get("msgid"):
            continue
        words = [text for name, text in said.items() if name.startswith("msgstr")]
        if "msgid" in said and all(words):
            found[key_of(said)] = PLURAL.join(words)
    return found


def key_of(said: dict[str, str]) -> str:
    context = said["msgctxt"] + CONTEXT if "msgctxt" in said else ""
    return context + PLURAL.join(filter(None, [said["msgid"], said.get("msgid_plural")]))


def fields(entry: str) -> dict[str, str]:
    """msgid, msgstr[0] and so on, each put together from its lines."""
    said: dict[str, str] = {}
    for name, text in lines(entry):
        said[name] = said.get(name, "") + text
    return said


def lines(entry: str) -> Iterator[tuple[str, str]]:
    name = ""
    for line in entry.splitlines():
        if line.startswith("#") or not line.strip():
            continue
        word, quote, rest = line.partition('"')
        name = word.strip() or name
        yield name, ast.literal_eval(quote + rest)


# --- writing ------------------------------------------------------------------------------------------------


def compiled(po: str) -> bytes:
    """The format of GNU gettext: two tables of lengths and places, then the words; sorted, without a hash table."""
    pairs = sorted((key.encode(), words.encode()) for key, words in messages(po).items())
    keys, words = [key for key, _ in pairs], [said for _, said in pairs]
    tables_at = 7 * 4
    texts_at = tables_at + 2 * 8 * len(pairs)
    table, texts_end = places([*keys, *words], texts_at)
    head = struct.pack("<7I", MAGIC, 0, len(pairs), tables_at, tables_at + 8 * len(pairs), 0, texts_end)
    return head + table + b"".join(text + b"\0" for text in [*keys, *words])


def places(texts: Iterable[bytes], at: int) -> tuple[bytes, int]:
    table = b""
    for text in texts:
        table += struct.pack("<2I", len(text), at)
        at += len(text) + 1
    return table, at


if __name__ == "__main__":
    bring_up_to_date()
