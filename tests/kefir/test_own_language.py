"""Everybody reads in a language of their own, and days and hours as it writes them."""

import re
from pathlib import Path

import pytest
from django.test import Client
from django.utils import translation

from kefir import languages

ROOT = Path(__file__).resolve().parents[2]


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
