"""Three questions to whoever is new, and what they are good for."""

from datetime import time

import pytest
from django.test import Client

from accounts import guesses
from accounts.models import User
from takeout import demos
from tests.accounts.people import last_code, sign_in_app, sign_in_page
from tests.factories import make_batch, make_user

SAID = {
    "usual_culture": "kombucha",
    "room_temperature_c": "24.5",
    "quiet_from": "21:30",
    "quiet_until": "06:30",
    "timezone": "Europe/Berlin",
    "temperature_unit": "C",
    "volume_unit": "ml",
}
HERE = "/settings/kitchen/"


@pytest.fixture
def newcomer(db):
    return make_user("new@example.com", welcomed_at=None)


@pytest.fixture
def browser(newcomer):
    client = Client()
    client.force_login(newcomer)
    return client


def again(user):
    return User.objects.get(pk=user.pk)


def initial(client, **extra):
    return client.get(HERE, **extra).context["form"].initial


@pytest.mark.django_db
class TestWhoeverIsNew:
    def test_is_asked_before_they_go_on(self, client):
        answer = sign_in_page(client, "new@example.com", next="/batches/new")
        assert answer["Location"] == f"{HERE}?next=%2Fbatches%2Fnew"

    def test_goes_on_where_they_wanted(self, browser):
        answer = browser.post(HERE, SAID | {"next": "/batches/new"})
        assert answer["Location"] == "/batches/new"

    def test_goes_nowhere_else(self, browser):
        assert browser.post(HERE, SAID | {"next": "https://evil.example/"})["Location"] == "/"

    def test_reads_the_questions_before_they_may_be_put_off(self, browser):
        html = browser.get(HERE).content.decode()
        assert html.index("What do you make?") < html.index("Go on") < html.index("Not now")

    def test_is_asked_once(self, client, newcomer, browser):
        browser.post(HERE, {"skip": "yes"})
        assert again(newcomer).welcomed_at is not None
        assert sign_in_page(client, newcomer.email)["Location"] == "/"

    def test_may_pass_it_over_and_nothing_is_assumed(self, browser, newcomer):
        assert browser.post(HERE, SAID | {"skip": "yes"})["Location"] == "/"
        kept = again(newcomer)
        assert (kept.usual_culture, kept.room_temperature_c, kept.quiet_from) == ("", None, None)

    def test_is_not_asked_in_the_app(self, db):
        assert sign_in_app("new@example.com")["accessToken"]

    def test_is_not_asked_who_was_here_before(self, client, alice):
        assert sign_in_page(client)["Location"] == "/"


class TestAnswers:
    def test_are_kept(self, browser, newcomer):
        browser.post(HERE, SAID)
        kept = again(newcomer)
        assert (kept.usual_culture, kept.room_temperature_c) == ("kombucha", 24.5)
        assert (kept.quiet_from, kept.quiet_until) == (time(21, 30), time(6, 30))
        assert kept.timezone == "Europe/Berlin"
        assert kept.welcomed_at is not None

    def test_are_what_a_new_batch_begins_with(self, browser):
        browser.post(HERE, SAID)
        form = browser.get("/batches/new").context["form"]
        assert (form.initial["culture"], form.initial["temperature_c"]) == ("kombucha", 24.5)

    def test_yield_to_what_was_brewed_last(self, browser, newcomer):
        browser.post(HERE, SAID)
        make_batch(owner=newcomer, culture="tepache", temperature_c=19)
        form = browser.get("/batches/new").context["form"]
        assert (form.initial["culture"], form.initial["temperature_c"]) == ("tepache", 19)

    def test_can_be_changed_and_emptied(self, page, alice):
        page.post(HERE, SAID)
        assert (
            page.post(
                HERE, SAID | {"room_temperature_c": "", "quiet_from": "", "quiet_until": ""}
            ).status_code
            == 302
        )
        kept = again(alice)
        assert (kept.room_temperature_c, kept.quiet_from) == (None, None)

    def test_left_empty_leave_zone_and_units_alone(self, page, alice):
        page.post(HERE, SAID)
        page.post(HERE, {"usual_culture": "kombucha"})
        kept = again(alice)
        assert (kept.timezone, kept.temperature_unit) == ("Europe/Berlin", "C")

    def test_are_read_in_the_unit_chosen_beside_them(self, browser, newcomer):
        browser.post(HERE, SAID | {"temperature_unit": "F", "room_temperature_c": "77"})
        kept = again(newcomer)
        assert (kept.room_temperature_c, kept.temperature_unit) == (25, "F")

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"usual_culture": "soup"}, "usual_culture"),
            ({"room_temperature_c": "77"}, "room_temperature_c"),
            ({"room_temperature_c": "warm"}, "room_temperature_c"),
            ({"timezone": "Nowhere/At_all"}, "timezone"),
            ({"temperature_unit": "K"}, "temperature_unit"),
            ({"quiet_until": ""}, "__all__"),
            ({"quiet_until": "21:30"}, "__all__"),
        ],
        ids=str,
    )
    def test_that_make_no_sense_come_back_with_what_was_typed(self, browser, newcomer, wrong, field):
        answer = browser.post(HERE, SAID | wrong)
        assert answer.status_code == 422
        assert field in answer.context["form"].errors
        assert "21:30" in answer.content.decode()
        assert again(newcomer).welcomed_at is None

    def test_are_only_of_what_the_house_makes(self, browser, settings):
        settings.CULTURES = ["kombucha"]
        assert browser.post(HERE, SAID | {"usual_culture": "tepache"}).status_code == 422
        assert initial(browser)["usual_culture"] == "kombucha"


class TestGuesses:
    def test_are_the_night_and_what_the_house_makes(self, browser):
        found = initial(browser)
        assert (found["quiet_from"], found["quiet_until"]) == (time(22), time(7))
        assert found["usual_culture"] == "water_kefir"

    def test_are_units_by_the_browsers_language(self, browser):
        found = initial(browser, headers={"accept-language": "en-US,en;q=0.9"})
        assert (found["temperature_unit"], found["volume_unit"]) == ("F", "oz")

    def test_leave_the_zone_to_a_script(self, browser):
        page = browser.get(HERE).content.decode()
        assert "data-zone" in page

    def test_never_overrule_what_was_said(self, newcomer, browser):
        User.objects.update(timezone="Asia/Tokyo")
        found = initial(browser, headers={"accept-language": "en-US"})
        assert found["temperature_unit"] == "C"
        assert "data-zone" not in browser.get(HERE).content.decode()

    def test_are_not_made_of_who_was_asked_already(self, page):
        assert initial(page, headers={"accept-language": "en-US"})["temperature_unit"] == "C"
        assert initial(page)["quiet_from"] is None

    @pytest.mark.parametrize(
        ("asked", "temperature", "volume"),
        [
            ("en-US,en;q=0.9", "F", "oz"),
            ("de-DE,en-US;q=0.5", "C", "ml"),
            ("en,es-US;q=0.4", "F", "oz"),
            ("en-BS", "F", "ml"),
            ("zh-Hans", "C", "ml"),
            ("de", "C", "ml"),
            ("", "C", "ml"),
            ("*", "C", "ml"),
            ("x" * 5000, "C", "ml"),
            ("en-\x00US;q=nonsense", "C", "ml"),
        ],
        ids=lambda one: one[:12],
    )
    def test_go_by_the_place_that_a_language_names(self, asked, temperature, volume):
        assert guesses.units_by(asked) == {"temperature_unit": temperature, "volume_unit": volume}


def test_a_trial_that_is_kept_is_asked_after_it_is_settled(client, db, monkeypatch):
    monkeypatch.setattr(demos.demo_week, "fill", lambda *, keeper, now: make_batch(owner=keeper, now=now))
    client.post("/trial/")
    client.post("/trial/keep/", {"email": "new@example.com"})
    answer = client.post("/trial/keep/code/", {"code": last_code()})
    assert answer["Location"] == "/trial/choose/"
    assert client.post("/trial/choose/", {"keep": "all"})["Location"] == HERE
