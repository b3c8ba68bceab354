"""Without a net: the service worker, the page for what was not seen, who may send what has waited; the home screen."""

import json
import re
from pathlib import Path

import pytest
from django.test import Client, override_settings

from accounts.models import User
from events.forms import ASKED
from events.models import Event
from kefir import house, offline_views
from reminders.channels import webpush
from tests.api import BASE
from tests.factories import make_batch

ROOT = Path(__file__).resolve().parents[2]
PNG = b"\x89PNG\r\n\x1a\n"


def house_of(script):
    return json.loads(re.match(r"const HOUSE = (\{.*\});\n", script)[1])


class TestServiceWorker:
    @pytest.fixture
    def answer(self, client, db):
        return client.get("/sw.js")

    def test_is_a_script_at_the_root(self, answer):
        assert answer["Content-Type"] == "text/javascript; charset=utf-8"
        for name in offline_views.SCRIPTS:
            assert (ROOT / "static" / name).read_text() in answer.content.decode()

    def test_is_looked_for_anew_each_time(self, answer):
        assert answer["Cache-Control"] == "no-cache"

    def test_may_talk_to_this_site_and_the_bucket(self, answer, settings):
        [allowed] = re.findall(r"connect-src ([^;]*)", answer["Content-Security-Policy"])
        assert {"'self'", settings.S3_ORIGIN} <= set(allowed.split())
        assert not {"*", "http:", "https:"} & set(allowed.split())

    def test_takes_along_all_that_every_page_is_made_of(self, answer, page, alice):
        make_batch(owner=alice)
        loaded = re.findall(
            r'<(?:link rel="(?:stylesheet|preload)"|script) (?:src|href)="([^"]+)"', page.get("/").text
        )
        files = house_of(answer.content.decode())["files"]
        assert set(loaded) - {"/static/css/print.css"} <= set(files)
        assert all((ROOT / name.removeprefix("/")).is_file() for name in files if "htmx" not in name)

    def test_is_another_one_when_the_house_is(self, client, db):
        with override_settings(SITE_NAME="Brauhaus"):
            other = house_of(client.get("/sw.js").content.decode())
        assert other["name"] == "Brauhaus"
        assert other["release"] != house_of(client.get("/sw.js").content.decode())["release"]

    def test_keeps_the_diary_and_no_page_that_signs_in_or_holds_a_key(self, answer):
        [pattern] = re.findall(r"const KEPT = /(.*)/i;", answer.content.decode())
        kept = re.compile(pattern.replace(r"\/", "/"), re.IGNORECASE)
        assert all(kept.match(path) for path in ("/", "/batches/", "/b/0123", "/B/0123", "/reminders/"))
        others = (
            "/settings/",
            "/settings/tokens/",
            "/accounts/2fa/",
            "/admin/",
            "/r/token",
            "/export.csv",
            "/offline",
        )
        assert not any(kept.match(path) for path in others)

    def test_knows_the_buttons_of_our_messages(self, answer):
        for action in webpush.words("en")["actions"]:
            assert f"{action['action']}: " in answer.content.decode()


class TestKeeper:
    """By this the service worker keeps the pages of two people apart."""

    @pytest.mark.parametrize("path", ["/", "/batches/", "/nothing-here", "/offline"])
    def test_is_named_by_every_page(self, page, alice, path):
        assert page.get(path)["X-Keeper"] == str(alice.pk)

    @pytest.mark.parametrize("path", ["/", "/accounts/login/", "/nothing-here", "/offline"])
    def test_is_nobody_to_a_stranger(self, client, db, path):
        assert client.get(path)["X-Keeper"] == "nobody"

    def test_is_named_by_no_answer_of_the_api(self, api):
        assert "X-Keeper" not in api.get(f"{BASE}/batches")


class TestPass:
    PATH = "/offline/pass"

    def test_says_who_is_signed_in_and_lets_that_person_send(self, alice):
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(alice)
        jar = make_batch(owner=alice)
        told = browser.get(self.PATH).json()
        answer = browser.post(
            f"{BASE}/batches/{jar.pk}/events",
            {"kind": "note", "description": "From the cellar", "occurredAt": told["now"]},
            "application/json",
            headers={"X-CSRFToken": told["token"]},
        )
        assert (told["keeper"], answer.status_code) == (str(alice.pk), 201)
        assert Event.objects.filter(description="From the cellar", batch=jar).exists()

    def test_is_for_nobody_who_is_signed_out(self, client, db):
        answer = client.get(self.PATH)
        assert (answer.status_code, answer.json()) == (401, {})

    def test_is_kept_nowhere_and_read_by_no_other_site(self, page, settings):
        settings.CORS_ALLOWED_ORIGINS = ["https://other.example"]
        answer = page.get(self.PATH, headers={"Origin": "https://other.example"})
        assert answer["Cache-Control"] == "no-store, private"
        assert "Access-Control-Allow-Origin" not in answer
        assert answer["Cross-Origin-Resource-Policy"] == "same-origin"


class TestOfflinePage:
    def test_has_a_form_for_each_thing_to_write_down(self, page):
        shown = page.get("/offline").content.decode()
        assert re.findall(r'<template data-kit="(\w*)">', shown) == ["", *ASKED]
        assert shown.count('action="/batches/000000000000/events') == len(ASKED) + 1

    def test_asks_in_its_readers_units(self, page, alice):
        User.objects.update(temperature_unit="F")
        assert "Temperature, °F" in page.get("/offline").content.decode()

    def test_holds_nothing_of_anybodys_for_a_stranger(self, client, alice):
        make_batch(owner=alice, name="Secret jar")
        shown = client.get("/offline").content.decode()
        assert "There is no net just now." in shown
        assert "data-kit" not in shown


class TestOffer:
    PAGE = "/settings/reminders/"

    def test_names_the_key_to_subscribe_with(self, page, settings):
        settings.VAPID_PRIVATE_KEY = webpush.new_private_key()
        shown = page.get(self.PAGE).content.decode()
        assert f'data-key="{webpush.public_key()}"' in shown

    def test_names_the_browser(self, page, settings):
        settings.VAPID_PRIVATE_KEY = webpush.new_private_key()
        agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
        shown = page.get(self.PAGE, headers={"User-Agent": agent}).content.decode()
        assert 'data-name="Firefox on Linux"' in shown

    def test_is_not_made_without_a_key(self, page, settings):
        settings.VAPID_PRIVATE_KEY = ""
        assert "data-push" not in page.get(self.PAGE).content.decode()


class TestHomeScreen:
    """On an iPhone only what stands there may show messages."""

    def test_is_offered_on_every_page(self, client, db):
        shown = client.get("/").content.decode()
        assert '<link rel="manifest" href="/manifest.webmanifest">' in shown
        assert '<link rel="apple-touch-icon" href="/static/img/apple-touch-icon.png">' in shown

    def test_opens_as_an_app_of_its_own(self, client, db):
        said = client.get("/manifest.webmanifest").json()
        assert (said["display"], said["start_url"]) == ("standalone", "/")
        for icon in said["icons"]:
            assert (ROOT / icon["src"].removeprefix("/")).is_file()

    def test_has_icons_of_all_the_sizes_that_a_phone_wants(self, client, db):
        icons = client.get("/manifest.webmanifest").json()["icons"]
        assert {icon["sizes"] for icon in icons} == {"192x192", "512x512", "any"}
        assert [icon["src"] for icon in icons if icon.get("purpose") == "maskable"] == [
            "/static/img/icon-maskable-512.png"
        ]
        for icon in icons:
            if icon["type"] == "image/png":
                header = (ROOT / icon["src"].removeprefix("/")).read_bytes()[:24]
                width = int.from_bytes(header[16:20])
                assert icon["sizes"] == f"{width}x{width}"

    def test_shows_the_sign_of_the_house(self, client, db, tmp_path):
        (tmp_path / "sign.png").write_bytes(PNG)
        with override_settings(SITE_SIGN=house.sign(str(tmp_path / "sign.png"))):
            icons = client.get("/manifest.webmanifest").json()["icons"]
            shown = client.get("/").content.decode()
            framed = client.get("/house/icon.svg")
        assert [icon["src"] for icon in icons] == ["/house/sign", "/house/icon.svg", "/house/icon.svg"]
        assert '<link rel="apple-touch-icon" href="/house/sign">' in shown
        assert b"data:image/png;base64,iVBORw0K" in framed.content
        assert "sandbox" in framed["Content-Security-Policy"]

    def test_shows_no_sign_of_another_house(self, client, db, tmp_path):
        (tmp_path / "sign.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
        with override_settings(SITE_SIGN=house.sign(str(tmp_path / "sign.svg"))):
            assert "apple-touch-icon" not in client.get("/").content.decode()
        assert client.get("/house/icon.svg").status_code == 404
