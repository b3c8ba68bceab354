"""For development: what is said anywhere, brought into the catalogues.  python -m kefir.extraction

It needs Babel (requirements-dev.txt) and nothing of the system. New sentences come without words and vanished ones
go; none is guessed from one that is alike, because a wrong sentence about a bottle is worse than an English one.
"""

import io
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_python
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

from kefir.catalogues import FOLDER

ROOT = FOLDER.parent
LANGUAGES = ("de", "es")
KEYWORDS: dict[str, Any] = {
    "_": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None,
    "ngettext": (1, 2), "ngettext_lazy": (1, 2), "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}  # fmt: skip
COMMENT = "Translators:"
# What only developers read, and only on their own machine.
UNREAD = ("tests/", "bench/", "kefir/dev_", "kefir/local/", "templates/dev_", "templates/drf_spectacular/")


def sources() -> list[str]:
    """Python and templates under version control."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py", "templates/*"],  # noqa: S607
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    names = sorted(set(listed.stdout.split()))
    return [name for name in names if not name.startswith(UNREAD) and (ROOT / name).exists()]


def extracted() -> Catalog:
    """Everything that is said, and in which files."""
    found = Catalog(project="Kefir", charset="utf-8", fuzzy=False)
    for name in sources():
        for said, context, comments in of_file(ROOT / name):
            found.add(said, locations=[(name, 0)], auto_comments=comments, context=context)
    return found


def of_file(path: Path) -> Iterator[tuple[Any, str | None, list[str]]]:
    text = path.read_text(encoding="utf-8")
    is_template = path.suffix in {".html", ".txt"}
    if is_template:
        # As code, whose indentation would mean something to Python.
        text = re.sub(r"^\s+", "", templatize(text), flags=re.MULTILINE)
    code = io.BytesIO(text.encode())
    # Its annotation names the four in another order than it gives them.
    taken = cast("Iterator[tuple[int, str, Any, list[str]]]", extract_python(code, KEYWORDS, [COMMENT], {}))
    for _line, function, words, comments in taken:
        said, context = sentence(function, words)
        if said and (isinstance(said, tuple) or said.strip()):
            yield said, context, comments


def sentence(function: str, words: Any) -> tuple[Any, str | None]:
    """What is looked up, one or (one, many), and in which context."""
    given = list(words) if isinstance(words, tuple) else [words]
    context = given.pop(0) if "pgettext" in function else None
    if function.startswith(("ng", "np")):
        return (tuple(given[:2]) if all(given[:2]) else None), context
    return given[0], context


def brought_in(known: Catalog, fresh: Catalog) -> Catalog:
    """The words that are known, for what is said now."""
    known.update(fresh, no_fuzzy_matching=True)
    known.obsolete.clear()
    return known


def catalogue_of(language: str) -> Path:
    return FOLDER / language / "LC_MESSAGES" / "django.po"


def read(path: Path, language: str) -> Catalog:
    if not path.exists():
        return Catalog(locale=language, project="Kefir", charset="utf-8", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def written(catalogue: Catalog) -> bytes:
    """In one order whatever the day, so that a change shows only what changed."""
    file = io.BytesIO()
    write_po(file, catalogue, width=110, sort_by_file=True, include_lineno=False, omit_header=True)
    return HEADER.format(locale=catalogue.locale, plurals=catalogue.plural_forms).encode() + file.getvalue()


HEADER = """msgid ""
msgstr ""
"Language: {locale}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plurals}\\n"

"""


def main() -> None:
    """Writes the catalogues, and tells how much of each has words."""
    if not settings.configured:
        settings.configure()
    fresh = extracted()
    for language in LANGUAGES:
        path = catalogue_of(language)
        catalogue = brought_in(read(path, language), fresh)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(written(catalogue))
        said = [one for one in catalogue if one.id]
        done = sum(bool(one.string and all(one.string)) for one in said)
        sys.stdout.write(f"{language}: {done} of {len(said)} sentences have words.\n")


if __name__ == "__main__":
    main()
