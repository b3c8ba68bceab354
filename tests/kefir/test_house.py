"""A house of its own: name, colours, sign and cultures from the settings."""

import re

import pytest
from django.apps import apps
from django.core import mail
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings

from accounts import mail as accounts_mail
from batches.cultures import offered
from kefir import house
from tests.factories import make_batch

GREEN = {"honey": ("#336600", "#99cc66"), "paper": ("#ffffff", "#000000")}


class TestColours:
    def test_are_read_light_and_dark(self):
        assert house.colours(["honey:#B5750A/#f0b54a"]) == {"honey": ("#b5750a", "#f0b54a")}

    @pytest.mark.parametrize("word", ["honey", "honey:#fff/#000", "sky:#b5750a/#f0b54a", "honey:red/blue;}"])
    def test_that_are_none_are_refused_with_a_sentence(self, word):
        with pytest.raises(ValueError, match="is no colour like"):
            house.colours([word])

    def test_name_all_that_the_look_is_made_of(self, settings):
        tokens = (settings.BASE_DIR / "static/css/tokens.css").read_text()
        assert set(re.findall(r"--([\w-]+): light-dark\(#", tokens)) == house.COLOURS

    def test_come_after_the_tokens_in_a_file_of_their_own(self, client, db):
        with override_settings(SITE_COLOURS=GREEN):
            page = client.get("/").content.decode()
            [address] = re.findall(r'href="(/house/colours.css\?[0-9a-f]{12})"', page)
            css = client.get(address)
        assert page.index("tokens.css") < page.index(address) < page.index("base.css")
        assert b"@layer tokens { :root { --honey: light-dark(#336600, #99cc66);" in css.content
        assert (css["Content-Type"], "public" in css["Cache-Control"]) == ("text/css", True)

    def test_of_the_paper_colour_the_phone_too(self, client, db):
        with override_settings(SITE_COLOURS=GREEN):
            assert 'name="theme-color" content="#000000"' in client.get("/").content.decode()
            assert client.get("/manifest.webmanifest").json()["theme_color"] == "#ffffff"

    def test_that_are_not_said_are_no_file(self, client, db):
        assert "/house/colours.css" not in client.get("/").content.decode()


class TestName:
    @pytest.mark.parametrize("path", ["/", "/accounts/login/", "/nothing-here"])
    def test_stands_on_every_page_and_no_other_does(self, client, db, path):
        with override_settings(SITE_NAME="Brauhaus & Söhne"):
            page = client.get(path).content.decode()
        assert "Brauhaus &amp; Söhne" in page
        assert not re.search(r"\bKefir\b", page)

    def test_stands_in_mails_and_on_the_home_screen(self, client, db):
        with override_settings(SITE_NAME="Brauhaus"):
            accounts_mail.send("account_erased", "alice@example.com")
            assert client.get("/manifest.webmanifest").json()["name"] == "Brauhaus"
        [sent] = mail.outbox
        assert "Brauhaus" in sent.subject
        assert "Kefir" not in sent.subject + sent.body


class TestSign:
    def test_stands_beside_the_name_and_cannot_run_scripts(self, client, db, tmp_path):
        drawn = tmp_path / "sign.svg"
        drawn.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
        with override_settings(SITE_SIGN=house.sign(str(drawn))):
            assert 'src="/house/sign"' in client.get("/").content.decode()
            answer = client.get("/house/sign")
        assert (answer.content, answer["Content-Type"]) == (drawn.read_bytes(), "image/svg+xml")
        assert "sandbox" in answer["Content-Security-Policy"]

    def test_that_is_none_is_refused(self, tmp_path):
        large = tmp_path / "sign.png"
        large.write_bytes(b"x" * 100_001)
        for file in (large, tmp_path / "no.svg", tmp_path):
            with pytest.raises(ValueError, match="must be an SVG, PNG or WebP"):
                house.sign(str(file))

    def test_is_not_there_where_none_is_said(self, client, db):
        assert client.get("/house/sign").status_code == 404


class TestCultures:
    def test_are_offered_as_the_house_says(self, page):
        with override_settings(CULTURES=["kombucha", "tepache"]):
            form = page.get("/batches/new").context["form"]
        assert form.fields["culture"].choices == [("kombucha", "Kombucha"), ("tepache", "Tepache")]
        assert form["culture"].value() == "kombucha"

    def test_are_what_the_front_page_names(self, client, db):
        with override_settings(CULTURES=["vegetables", "sourdough"]):
            said = client.get("/").content.decode()
        assert "Vegetables · Sourdough" in said
        assert "kefir," not in said

    def test_that_a_batch_is_stay_offered_to_it(self, page, alice):
        jar = make_batch(owner=alice, culture="milk_kefir")
        with override_settings(CULTURES=["kombucha"]):
            form = page.get(f"/batches/{jar.pk}/edit").context["form"]
        assert [name for name, _ in form.fields["culture"].choices] == ["kombucha", "milk_kefir"]
        assert form["culture"].value() == "milk_kefir"

    def test_are_all_there_are_where_nothing_is_said(self):
        assert len(offered([])) == 7

    def test_that_nobody_knows_stop_the_start(self):
        with override_settings(CULTURES=["beer"]), pytest.raises(ImproperlyConfigured, match="no beer"):
            apps.get_app_config("batches").ready()


class TestComponents:
    def test_are_shown_in_the_light_and_in_the_dark(self, client, db):
        page = client.get("/dev/components/").content.decode()
        assert 'class="dev-scheme dev-light' in page
        assert 'class="dev-scheme dev-dark' in page

    def test_are_all_on_the_page(self, client, db, settings):
        drawn = {path.name for path in (settings.BASE_DIR / "templates/components").glob("*.html")}
        shown = (settings.BASE_DIR / "templates/dev_components.html").read_text()
        through_others = {"logo.html", "when.html", "back_link.html"}
        assert {name for name in drawn if f"components/{name}" not in shown} <= through_others

    def test_of_an_amount_without_a_unit_leave_no_comma_behind(self, client, db):
        page = client.get("/dev/components/").content.decode()
        assert "<figcaption>pH</figcaption>" in page
        assert "Between 3.8 and 5.8, from" in page

    def test_are_nowhere_outside_local_mode(self, client, db):
        with override_settings(LOCAL=False):
            assert client.get("/dev/components/").status_code == 404
