import re
from datetime import timedelta

import pytest
import time_machine

from batches import actions as batches
from kefir.views import AT_HOME
from reminders import carrier
from tests.factories import NOON, make_batch, make_bottled, make_event, make_reminder
from tests.reminders.engine import FakeChannel, carry

HOUR = timedelta(hours=1)
MOULD = {"kind": "observation", "sign": "mould"}


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON, tick=False):
        yield


def words(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def remind(jar, hours, message):
    return make_reminder(batch=jar, due_at=NOON + hours * HOUR, message=message, now=NOON - 5 * HOUR)


class TestSignedOut:
    @pytest.mark.django_db
    def test_says_what_this_is_and_how_to_begin(self, client):
        answer = client.get("/")

        assert "Start your first batch" in words(answer)
        assert 'href="/accounts/login/?next=/batches/new"' in answer.content.decode()


class TestSignedIn:
    def test_is_a_list_of_what_to_do_before_anything_else(self, page, alice):
        jar = make_batch(owner=alice, name="Kitchen jar", now=NOON - 5 * HOUR)
        for hours, message in [(-2, "Look at it"), (-0.5, "Taste it"), (3, "Bottle it"), (30, "Chill it")]:
            remind(jar, hours, message)
        said = words(page.get("/"))
        order = [
            "Overdue",
            "Look at it",
            "Now",
            "Taste it",
            "Later today",
            "Bottle it",
            "On your shelf",
            "In the days to come",
            "Chill it",
            "Start another",
        ]

        assert [said.index(one) for one in order] == sorted(said.index(one) for one in order)

    def test_ends_the_day_at_the_readers_own_midnight(self, page, alice):
        alice.timezone = "Asia/Tokyo"
        alice.save()
        remind(make_batch(owner=alice, now=NOON - 5 * HOUR), 4, "After midnight in Tokyo")

        assert "In the days to come" in words(page.get("/"))

    def test_keeps_what_was_told_until_it_is_done(self, page, alice, monkeypatch):
        monkeypatch.setattr(carrier, "channel", lambda _: FakeChannel())
        told = remind(make_batch(owner=alice, now=NOON - 5 * HOUR), -1, "Taste it")
        carry(NOON)
        told.refresh_from_db()
        assert told.status == "sent"

        assert "Taste it" in words(page.get("/"))
        page.post(f"/reminders/{told.pk}/done", {"next": "/"})
        assert "Taste it" not in words(page.get("/"))

    def test_shows_what_is_on_the_shelf_with_what_comes_next(self, page, alice):
        jar = make_batch(owner=alice, name="Kitchen jar", target_hours=36)
        remind_at = make_reminder(batch=jar, due_at=NOON + 9 * HOUR, message="Taste it")
        batches.archive(batch=make_batch(owner=alice, name="Old jar"), now=NOON)
        html = page.get("/").content.decode()

        assert '<span class="ring-big">36 h</span>' in html
        assert html.count(remind_at.message) == 2
        assert "Old jar" not in html

    def test_teaches_where_it_is_empty(self, page):
        assert "Start your first batch" in words(page.get("/"))

    def test_is_calm_when_nothing_is_to_be_done(self, page, alice):
        make_batch(owner=alice)

        assert "Nothing to do just now." in words(page.get("/"))

    def test_sounds_the_alarm_before_all_else(self, page, alice):
        make_bottled(owner=alice, name="Thin glass", now=NOON - 48 * HOUR)
        said = words(page.get("/"))

        assert said.index("Chill it now: Thin glass") < said.index("On your shelf")
        assert "Nothing to do just now." not in said

    def test_sounds_it_however_much_newer_stands_on_the_shelf(self, page, alice):
        make_bottled(owner=alice, name="Thin glass", now=NOON - 48 * HOUR)
        make_event(batch=make_batch(owner=alice, name="Furry", now=NOON - 48 * HOUR), **MOULD)
        for _ in range(AT_HOME + 1):
            make_batch(owner=alice)
        said = words(page.get("/"))

        assert "Chill it now: Thin glass" in said
        assert "Mould: Furry" in said
        assert "Nothing to do just now." not in said

    def test_tells_who_opens_a_cold_bottle_to_take_care(self, page, alice):
        batch = make_bottled(owner=alice, name="Thin glass", now=NOON - 72 * HOUR)
        batches.move(batch=batch, now=NOON - 24 * HOUR, status="in_fridge")

        assert "Open with care: Thin glass" in words(page.get("/"))

    def test_hides_what_is_not_mine(self, page, bob):
        jar = make_batch(owner=bob, name="Bob's jar")
        make_reminder(batch=jar, due_at=NOON + HOUR, message="Bob's turn")

        assert "Bob's" not in words(page.get("/"))

    def test_asks_the_database_as_often_for_many_as_for_one(self, page, alice, django_assert_num_queries):
        for n in range(12):
            jar = make_batch(owner=alice, now=NOON - n * HOUR)
            make_event(batch=jar, kind="measurement", ph=4, description="", now=NOON)
            make_reminder(batch=jar, due_at=NOON + 9 * HOUR)
        page.get("/")

        with django_assert_num_queries(8):
            page.get("/")
