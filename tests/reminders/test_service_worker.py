from pathlib import Path

import pytest

from reminders.channels import webpush

ROOT = Path(__file__).resolve().parents[2]


class TestServiceWorker:
    @pytest.fixture
    def answer(self, client, db):
        return client.get("/sw.js")

    def test_is_a_script_at_the_root(self, answer):
        assert answer["Content-Type"] == "text/javascript; charset=utf-8"
        assert answer.content == (ROOT / "static/js/sw.js").read_bytes()

    def test_is_looked_for_anew_each_time(self, answer):
        assert answer["Cache-Control"] == "no-cache"

    def test_may_talk_to_this_site_alone(self, answer):
        assert "connect-src 'self'" in answer["Content-Security-Policy"]

    def test_keeps_no_page_and_answers_no_request(self, answer):
        script = answer.content.decode()
        assert "caches" not in script
        assert '"fetch"' not in script

    def test_knows_the_buttons_of_our_messages(self, answer):
        for action in webpush.ACTIONS:
            assert f"{action['action']}: " in answer.content.decode()


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
        assert '<link rel="manifest" href="/manifest.webmanifest">' in client.get("/").content.decode()

    def test_opens_as_an_app_of_its_own(self, client, db):
        said = client.get("/manifest.webmanifest").json()
        assert (said["display"], said["start_url"]) == ("standalone", "/")
        for icon in said["icons"]:
            assert (ROOT / icon["src"].removeprefix("/")).is_file()
