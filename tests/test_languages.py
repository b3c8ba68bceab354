"""Everything that is said can be said in another language: what is written in the code, and what people read."""

import ast
import re
from copy import deepcopy
from datetime import date
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.test import Client
from django.utils import dates, translation
from django.utils.formats import date_format
from django.utils.translation import trans_real

from accounts.models import User
from kefir import catalogues, extraction, languages
from tests.routes import OPENED_BY_A_TOKEN, routes
from tests.test_strangers import theirs

__all__ = ["theirs"]

ROOT = Path(__file__).resolve().parent.parent
NAMES = re.compile(r"%\((\w+)\)[sd]|\{(\w+)\}")
TAGS = re.compile(r"</?[a-z]+")
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


# --- catalogues ---------------------------------------------------------------------------------------------


@cache
def everything_said():
    return extraction.extracted()


def catalogue(language):
    return extraction.read(extraction.catalogue_of(language), language)


def said(message):
    return message.id if isinstance(message.id, tuple) else (message.id,)


def told(message):
    return message.string if isinstance(message.string, tuple) else (message.string,)


@pytest.mark.parametrize("language", extraction.LANGUAGES)
class TestACatalogue:
    def test_has_what_is_said_and_nothing_else(self, language):
        known, fresh = catalogue(language), everything_said()
        missing = {message.id for message in fresh if message.id} ^ {one.id for one in known if one.id}
        assert not missing, "bring it in with: python -m kefir.extraction"
        assert not known.obsolete

    def test_is_written_as_the_tool_writes_it(self, language):
        path = extraction.catalogue_of(language)
        assert path.read_bytes() == extraction.written(catalogue(language))

    def test_is_sure_of_every_sentence(self, language):
        assert not [message.id for message in catalogue(language) if message.id and message.fuzzy]

    def test_fills_in_what_the_sentence_fills_in(self, language):
        assert not [
            message.id
            for message in catalogue(language)
            if message.id and all(told(message)) and not keeps_its_places(message)
        ]

    def test_has_words_for_every_sentence(self, language):
        assert not [message.id for message in catalogue(language) if message.id and not all(told(message))]


def keeps_its_places(message):
    """One may do without the number, as English does: “a batch”."""
    least, most = places(said(message)[0]), places(said(message)[-1])
    marks = sorted(TAGS.findall(said(message)[-1]))
    return all(
        least & most <= places(one) <= least | most and sorted(TAGS.findall(one)) == marks
        for one in told(message)
    )


def places(sentence):
    return {name for pair in NAMES.findall(sentence) for name in pair if name}


class TestTheCompiler:
    def test_reads_what_gettext_reads(self, tmp_path):
        po = tmp_path / "de" / "LC_MESSAGES" / "django.po"
        po.parent.mkdir(parents=True)
        po.write_text(
            'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n'
            '"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
            'msgid "a jar"\nmsgid_plural "%(n)s jars"\nmsgstr[0] "ein Glas"\nmsgstr[1] "%(n)s "\n"Gläser"\n\n'
            'msgctxt "month"\nmsgid "May"\nmsgstr "Mai"\n\n'
            '#, fuzzy\nmsgid "not"\nmsgstr "sicher"\n\nmsgid "empty"\nmsgstr ""\n'
        )
        assert catalogues.bring_up_to_date(tmp_path) == [po]
        with po.with_suffix(".mo").open("rb") as file:
            known = translation.trans_real.gettext_module.GNUTranslations(file)
        assert [known.ngettext("a jar", "%(n)s jars", n) for n in (1, 3)] == ["ein Glas", "%(n)s Gläser"]
        assert known.pgettext("month", "May") == "Mai"
        assert [known.gettext(word) for word in ("not", "empty")] == ["not", "empty"]

    def test_makes_again_only_what_changed(self, tmp_path):
        po = tmp_path / "de" / "LC_MESSAGES" / "django.po"
        po.parent.mkdir(parents=True)
        po.write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n')
        assert catalogues.bring_up_to_date(tmp_path)
        assert not catalogues.bring_up_to_date(tmp_path)


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


# --- whose language -----------------------------------------------------------------------------------------


def language_of(answer):
    return re.search(r'<html lang="([\w-]+)"', answer.content.decode())[1], answer["Content-Language"]


class TestTheLanguageOfAPage:
    def test_is_what_the_browser_asks_for(self, client, db):
        answer = client.get("/", headers={"accept-language": "es-MX,es;q=0.9,en;q=0.5"})
        assert language_of(answer) == ("es", "es")
        assert {"Accept-Language", "Cookie"} <= {word.strip() for word in answer["Vary"].split(",")}

    def test_is_the_houses_own_where_nobody_offers_what_is_asked(self, client, db):
        assert language_of(client.get("/", headers={"accept-language": "fi"})) == ("en", "en")

    def test_is_what_was_chosen_in_this_browser(self, client, db):
        answer = client.post("/language/", {"language": "de", "next": "/accounts/login/"})
        assert answer["Location"] == "/accounts/login/"
        assert language_of(client.get("/", headers={"accept-language": "es"})) == ("de", "de")

    def test_is_what_the_account_says_wherever_they_sign_in(self, page, alice):
        page.post("/language/", {"language": "de"})
        alice.refresh_from_db()
        assert alice.language == "de"
        elsewhere = Client()
        elsewhere.force_login(alice)
        assert language_of(elsewhere.get("/", headers={"accept-language": "es"})) == ("de", "de")

    def test_is_never_one_that_is_not_there(self, client, db):
        answer = client.post("/language/", {"language": "../../xx"})
        assert answer.status_code == 200
        assert "language" not in client.cookies

    def test_leads_to_no_other_site(self, client, db):
        answer = client.post("/language/", {"language": "de", "next": "https://evil.example/"})
        assert answer["Location"] == "/"

    def test_does_not_last_longer_than_the_page(self, client, db):
        client.get("/", headers={"accept-language": "es"})
        assert translation.get_language() == "en"

    def test_is_refused_where_it_is_unknown(self, api):
        answer = api.patch("/api/v1/me", {"language": "tlh"}, format="json")
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["code"] == "unknown_language"

    def test_is_the_first_of_those_that_a_house_offers(self):
        assert languages.offered(["es", "en"])[0] == ("es", "Español")
        with pytest.raises(ValueError, match="tlh"):
            languages.offered(["tlh"])


# --- how it is laid out -------------------------------------------------------------------------------------

SIDES = re.compile(
    r"(?:margin|padding|border)-(?:left|right)|(?:^|[\s;{])(?:left|right):|text-align:\s*(?:left|right)|float:",
    re.MULTILINE,
)
FOUR = re.compile(r"(?:margin|padding):\s*([^\s;()]+) ([^\s;()]+) ([^\s;()]+) ([^\s;()]+);")


@pytest.mark.parametrize("path", sorted((ROOT / "static/css").glob("*.css")), ids=lambda path: path.name)
def test_a_style_sheet_knows_start_and_end_and_no_left_and_right(path):
    text = path.read_text()
    assert not SIDES.findall(text)
    assert not [four for four in FOUR.findall(text) if four[1] != four[3]]


class TestFormats:
    @pytest.mark.parametrize("language", ["de", "es"])
    def test_have_the_same_names_in_every_language(self, language):
        assert names_in(language) == names_in("en")

    def test_are_what_templates_ask_for(self):
        asked = {
            name
            for path in (ROOT / "templates").rglob("*.*")
            for name in re.findall(r"\b(?:date|time):[\"']([^\"']+)[\"']", path.read_text())
        }
        assert asked - {"c"} <= names_in("en")


def names_in(language):
    module = __import__(f"kefir.formats.{language}.formats", fromlist=["x"])
    return {name for name in vars(module) if name.isupper()}
