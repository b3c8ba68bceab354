"""Everything that is said can be said in another language: what is written in the code, and what people read."""

import ast
import re
from copy import deepcopy
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.test import Client
from django.utils import dates, translation
from django.utils.formats import date_format
from django.utils.translation import trans_real

from accounts.models import User
from kefir import catalogues, extraction
from tests.catalogues import everything_said, said
from tests.routes import OPENED_BY_A_TOKEN, routes
from tests.test_strangers import theirs

__all__ = ["theirs"]

ROOT = Path(__file__).resolve().parent.parent
LETTERS = re.compile(r"[^\W\d_]{2,}")
NO_PAGES = {
    "/batches/<batch:batch_id>/code.png",
    "/batches/<batch:batch_id>/code.svg",
    "/export.csv",
    "/healthz",
    "/house/colours.css",
    "/labels/<uuid:sheet_id>/sheet.css",
    "/live/",
    "/live/now",
    "/manifest.webmanifest",
    "/offline/pass",
    "/readyz",
    "/sw.js",
    "/tags/<uuid:tag_id>/code.svg",
}
# Nowhere, in a house that has not set them up.
UNSET = {
    "/.well-known/apple-app-site-association",
    "/.well-known/assetlinks.json",
    "/house/icon.svg",
    "/house/sign",
    "/metrics",
}
SITE = [
    route
    for route in routes()
    if not route.is_api and not route.path.startswith("/dev/") and route.path not in OPENED_BY_A_TOKEN
]
PAGES = [route for route in SITE if route.path not in NO_PAGES]


# --- what the code says -------------------------------------------------------------------------------------

CODE = [
    name
    for name in extraction.sources()
    if name.endswith(".py") and not name.startswith("kefir/local/") and "/migrations/" not in name
]
SAYS = {"sentence", "label", "help_text", "empty_label", "violation_error_message"}
# Serializers and API views write the document for programs, which is in English for everybody; these only staff runs.
FOR_PROGRAMS = (
    "serializers.py",
    "api.py",
    "schema.py",
    "paging.py",
    "sync.py",
    "preconditions.py",
    "management/",
)


@pytest.mark.parametrize("name", [name for name in CODE if not any(one in name for one in FOR_PROGRAMS)])
def test_a_sentence_for_people_goes_through_gettext(name):
    assert not list(unwrapped(ast.parse((ROOT / name).read_text())))


def unwrapped(tree):
    """What is handed to a person as it stands: by a refusal, a message, a label, a constraint, a choice."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name("ValidationError"), args=[first, *_]) if is_plain(first):
                yield ast.unparse(first)
            case ast.Call(func=ast.Attribute(value=ast.Name("messages")), args=[_, said, *_]) if is_plain(
                said
            ):
                yield ast.unparse(said)
            case ast.Call(func=ast.Name("did"), args=said) if plain := [one for one in said if is_plain(one)]:
                yield from map(ast.unparse, plain)
            case ast.Assign(targets=[ast.Name("sentence")], value=said) if is_plain(said):
                yield ast.unparse(said)
            case ast.ClassDef() if any("Choices" in ast.unparse(base) for base in node.bases):
                yield from plain_labels(node)
        for word in getattr(node, "keywords", []):
            if word.arg in SAYS and is_plain(word.value):
                yield ast.unparse(word.value)


def is_plain(node):
    written = node.value if isinstance(node, ast.Constant) else "f" if isinstance(node, ast.JoinedStr) else ""
    return isinstance(node, ast.JoinedStr) or (isinstance(written, str) and bool(LETTERS.search(written)))


def plain_labels(choices):
    for line in choices.body:
        if (
            isinstance(line, ast.Assign)
            and isinstance(line.value, ast.Tuple)
            and is_plain(line.value.elts[-1])
        ):
            yield ast.unparse(line.value.elts[-1])


# A tag whose name is put together.
UNWRITTEN = {"templates/allauth/elements/button.html"}


class TestTemplates:
    @pytest.mark.parametrize(
        "name",
        [name for name in extraction.sources() if name.endswith((".html", ".txt")) and name not in UNWRITTEN],
    )
    def test_say_nothing_that_cannot_be_translated(self, name):
        """With everything that is translated, filled in or marked up taken away, no word is left."""
        text = (ROOT / name).read_text()
        for taken in TAKEN_AWAY:
            text = taken.sub(" ", text)
        reader = Said()
        reader.feed(text)
        assert not LETTERS.findall(" ".join([reader.text, *reader.attributes]))


TAKEN_AWAY = [
    re.compile(pattern, re.DOTALL)
    for pattern in (
        r"\{%\s*blocktranslate\b.*?\{%\s*endblocktranslate\s*%\}",
        r"\{%\s*comment\b.*?\{%\s*endcomment\s*%\}",
        r"\{%\s*block (?:main_class|body_attrs|mark)\s*%\}.*?\{%\s*endblock",
        r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<!doctype html>",
        r"\S*/\S*/\S*",
    )
]


# --- what people read ---------------------------------------------------------------------------------------


class Said(HTMLParser):
    """What can be read on a page, by eyes or ears."""

    READ = {"alt", "title", "aria-label", "placeholder", "data-confirm", "data-confirm-yes"}
    APART = {"p", "li", "span", "b", "strong", "a", "td", "th", "dt", "h1", "h2", "br", "button", "label"}
    SILENT = {"script", "style", "code", "pre", "dd", "option", "svg"}

    def __init__(self):
        super().__init__()
        self.attributes, self.text, self.silent = [], "", 0

    def handle_starttag(self, tag, attrs):
        self.silent += tag in self.SILENT
        self.text += " " * (tag in self.APART)
        self.attributes += [value for name, value in attrs if name in self.READ and value]

    def handle_endtag(self, tag):
        self.silent -= tag in self.SILENT

    def handle_data(self, data):
        if not self.silent:
            self.text += data


@pytest.fixture
def marked(tmp_path, settings):
    """A German in which every sentence stands in brackets: what stands in none cannot be translated."""
    fresh = deepcopy(everything_said())
    for message in fresh:
        if message.id:
            brackets = tuple(f"⟦{one}⟧" for one in said(message))
            message.string = brackets if isinstance(message.id, tuple) else brackets[0]
    fresh.locale = "de"
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_bytes(extraction.written(fresh))
    catalogues.bring_up_to_date(tmp_path)
    settings.LOCALE_PATHS = [tmp_path]
    forget()
    yield
    forget()


def forget():
    trans_real._translations = {}
    trans_real._default = None
    trans_real._active = trans_real.Local()


def bare(page):
    """What is read in no bracket. Brackets stand in brackets where a word is filled into a sentence."""
    reader = Said()
    reader.feed(page)
    left = []
    for text in [reader.text, *reader.attributes]:
        inner = text
        while inner != (inner := re.sub(r"⟦[^⟦⟧]*⟧", " ", inner)):
            pass
        left += LETTERS.findall(inner)
    return set(left)


# Names of people's things, units, and what is called so everywhere.
ANYWHERE = {
    "Kefir", "English", "Deutsch", "Español", "Secret", "Hidden", "jar", "figs", "words", "float", "tall",
    "one", "phone", "script", "grains", "place", "alice", "example", "com", "org", "https", "http",
    "TESTSERVER", "HTTP", "kefir", "ferment", "from", "here", "Taste", "it", "ml", "min", "bar", "Brix", "pH",
    "mm", "Avery", "Letter", "Brother", "DYMO", "ping", "batch", "archived", "restored", "event", "recorded",
    "reminder", "confirmed",
}  # fmt: skip


def days_and_months():
    """Django's own words."""
    with translation.override("de"):
        return {
            str(name)
            for names in (dates.MONTHS, dates.MONTHS_3, dates.WEEKDAYS, dates.WEEKDAYS_ABBR)
            for name in names.values()
        } | {date_format(date(2026, month, 1), "M").strip(".") for month in range(1, 13)}


@pytest.mark.parametrize("route", PAGES, ids=lambda route: route.path)
def test_a_page_says_nothing_that_cannot_be_translated(marked, theirs, alice, route):
    User.objects.filter(pk=alice.pk).update(language="de")
    browser = Client(raise_request_exception=False)
    browser.force_login(alice)
    answer = browser.get(route.to(**theirs))
    assert is_no_reading(answer) or is_html(answer)
    assert is_no_reading(answer) or answer.status_code == (404 if route.path in UNSET else 200)
    assert bare(answer.content.decode()) - named(theirs) <= ANYWHERE | days_and_months()


def is_no_reading(answer):
    return answer.status_code == 405 or "Location" in answer


def is_html(answer):
    return answer.get("Content-Type", "").startswith("text/html")


def test_what_is_no_page_answers_none(theirs, alice):
    browser = Client(raise_request_exception=False)
    browser.force_login(alice)
    answers = {route.path: browser.get(route.to(**theirs)) for route in SITE if route.path in NO_PAGES}

    assert answers.keys() == NO_PAGES
    assert [path for path, answer in answers.items() if is_html(answer)] == []


def named(known):
    """Ids and codes."""
    return {word for one in known.values() for word in LETTERS.findall(str(one))}
