"""What is said of a batch that has gone mouldy, and what no longer is, until it is dealt with."""

from datetime import timedelta

import pytest
from django.utils import timezone

from batches import actions as batches
from batches.cultures import Culture
from batches.endings import ended_stages
from batches.sayings import said_of
from batches.stages import Status
from events import actions as events
from reminders.models import Reminder
from tests.api import call
from tests.batches.brews import NOON, bottle, brew, clock_of, hours, read, suggest
from tests.factories import make_batch, make_bottled, make_event, make_reminder

MOULDY = (read(5, sign="mould"),)


def kinds(facts, *, after=6):
    return [one.kind for one in suggest(facts, now=NOON + hours(after))]


class TestRule:
    @pytest.mark.parametrize("culture", Culture.values)
    def test_says_what_to_do_and_nothing_else(self, culture):
        [advice] = suggest(brew(culture=culture, readings=MOULDY), now=NOON + hours(6))
        assert (advice.kind, advice.priority) == ("mould", 0)
        assert "iscard" in advice.message or "away" in advice.message
        assert "taste" in advice.message or culture == "sourdough"

    @pytest.mark.parametrize("status", [Status.ACTIVE, Status.IN_FRIDGE, Status.READY])
    def test_holds_wherever_it_stands(self, status):
        assert "mould" in kinds(brew(status=status, readings=MOULDY))

    def test_no_longer_asks_anything_of_what_is_put_away(self):
        assert kinds(brew(status=Status.ARCHIVED, readings=MOULDY)) == []

    def test_still_warns_of_a_bottle_that_may_burst(self):
        assert {"mould", "chill_by"} <= set(kinds(bottle(readings=MOULDY)))
        assert "ready" not in kinds(bottle(readings=MOULDY))

    def test_ends_when_somebody_looks_again_and_there_is_none(self):
        looked = (*MOULDY, read(7, sign="no_mould"))
        assert "mould" not in kinds(brew(readings=looked), after=8)
        assert "mould" in kinds(brew(readings=(*looked, read(9, sign="mould"))), after=10)

    def test_of_two_at_the_same_moment_believes_the_worse(self):
        assert "mould" in kinds(brew(readings=(*MOULDY, read(5, sign="no_mould"))))


class TestForecast:
    def test_is_of_nothing_to_wait_for(self):
        said = said_of(brew(readings=MOULDY), now=NOON + hours(6))
        assert said.ready is None
        assert said.missing == ()

    def test_learns_nothing_from_what_was_thrown_away(self):
        ended = {"departures": [], "was": Status.ACTIVE, "put_away_at": NOON + hours(30)}
        assert list(ended_stages(brew(readings=MOULDY), **ended)) == []
        assert list(ended_stages(brew(), **ended)) != []

    def test_gives_way_to_a_clock_that_says_so(self):
        clock = clock_of(brew(readings=MOULDY), now=NOON + hours(6))
        assert (clock.is_danger, clock.at) == (True, NOON + hours(5))


@pytest.fixture
def jar(alice):
    now = timezone.now()
    return make_batch(owner=alice, now=now, started_at=now - timedelta(days=1), temperature_c=22)


def words(answer):
    return " ".join(answer.content.decode().split())


class TestPage:
    def test_asks_with_a_picture_in_words(self, page, jar):
        asked = words(page.get(f"/batches/{jar.pk}/events?what=mould"))
        assert "Dry and fuzzy" in asked
        assert "kahm yeast" in asked

    def test_shows_it_until_it_is_dealt_with(self, page, jar):
        report = {"kind": "observation", "sign": "mould"}
        assert page.post(f"/batches/{jar.pk}/events?what=mould", report).status_code == 302
        for shown in ("/", f"/batches/{jar.pk}"):
            assert "do not taste it" in words(page.get(shown))
        page.post(f"/batches/{jar.pk}/events?what=mould", report | {"sign": "no_mould"})
        assert "do not taste it" not in words(page.get(f"/batches/{jar.pk}"))

    def test_ends_though_it_was_reported_by_a_clock_that_is_ahead(self, page, jar):
        now = timezone.now()
        make_event(
            batch=jar, now=now, kind="observation", sign="mould", occurred_at=now + timedelta(minutes=4)
        )
        page.post(f"/batches/{jar.pk}/events?what=mould", {"kind": "observation", "sign": "no_mould"})
        assert not jar.is_mouldy

    def test_is_silent_once_it_is_put_away(self, page, jar):
        make_event(batch=jar, now=timezone.now(), kind="observation", sign="mould")
        assert page.post(f"/batches/{jar.pk}/archive").status_code == 302
        assert "do not taste it" not in words(page.get(f"/batches/{jar.pk}"))

    def test_offers_to_discard_it_instead_of_bottling_it(self, page, jar):
        make_event(batch=jar, now=timezone.now(), kind="observation", sign="mould")
        shown = words(page.get(f"/b/{jar.pk}"))
        assert "It is discarded" in shown
        assert "Strain and bottle" not in shown

    def test_shows_mouldy_bottles_at_their_limit_twice(self, page, alice):
        now = timezone.now()
        bottles = make_bottled(owner=alice, now=now - timedelta(days=9), temperature_c=28)
        make_event(batch=bottles, now=now, kind="observation", sign="mould")
        shown = words(page.get("/"))
        assert "may be at their limit" in shown
        assert "do not taste it" in shown

    def test_says_no_mould_without_a_word_more(self, page, jar):
        page.post(f"/batches/{jar.pk}/events?what=mould", {"kind": "observation", "sign": "no_mould"})
        assert "No mould" in words(page.get(f"/batches/{jar.pk}"))


class TestApi:
    def test_reports_it_and_takes_it_back(self, api, jar):
        path = f"/batches/{jar.pk}"
        answer = call(api, "post", f"{path}/events", {"kind": "observation", "sign": "mould"})
        assert (answer.status_code, answer.json()["sign"]) == (201, "mould")
        assert call(api, "get", f"{path}/forecast").json()["ready"] is None
        suggested = call(api, "get", f"{path}/reminders/suggestions").json()["suggestions"]
        assert [one["kind"] for one in suggested] == ["mould"]
        call(api, "delete", f"/events/{answer.json()['id']}")
        assert call(api, "get", f"{path}/forecast").json()["ready"] is not None

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            ({"kind": "note", "description": "x", "sign": "mould"}, "sign_of_another_kind"),
            ({"kind": "observation", "sign": "calm"}, "sign_of_another_kind"),
            ({"kind": "burped", "sign": "mould"}, "sign_of_another_kind"),
            ({"kind": "observation", "sign": ""}, "says_nothing"),
            ({"kind": "observation", "sign": "fungus"}, "invalid_choice"),
        ],
    )
    def test_refuses_a_sign_that_does_not_fit(self, api, jar, body, code):
        problem = call(api, "post", f"/batches/{jar.pk}/events", body).json()
        assert [error["code"] for error in problem["errors"]] == [code]

    def test_sent_twice_from_a_queue_is_one(self, api, jar):
        body = {"id": "0b0e5a52-6f0e-4d5e-9d3b-6f3a1c2b4d5e", "kind": "observation", "sign": "mould"}
        answers = [call(api, "post", f"/batches/{jar.pk}/events", body).status_code for _ in "12"]
        assert answers == [201, 200]


class TestReminders:
    def taste(self, jar, **given):
        due_at = NOON + timedelta(hours=30)
        return make_reminder(batch=jar, kind="taste", due_at=due_at, message="Taste it", **given)

    @pytest.fixture
    def old(self, alice):
        return make_batch(owner=alice, temperature_c=22)

    def status(self, reminder):
        return Reminder.objects.get(pk=reminder.pk).status

    def test_to_taste_end_whoever_chose_the_hour(self, old):
        reminder, own = self.taste(old), make_reminder(batch=old, due_at=NOON + timedelta(hours=30))
        make_event(batch=old, kind="observation", sign="mould")
        assert (self.status(reminder), self.status(own)) == ("cancelled", "waiting")

    def test_come_back_when_it_was_none(self, old):
        reminder = self.taste(old)
        make_event(batch=old, kind="observation", sign="mould")
        make_event(batch=old, now=NOON + timedelta(minutes=9), kind="observation", sign="no_mould")
        assert self.status(reminder) == "waiting"

    def test_come_back_when_the_report_is_struck_out(self, old):
        reminder = self.taste(old)
        report = make_event(batch=old, kind="observation", sign="mould")
        events.withdraw(event=report, now=NOON + timedelta(minutes=9))
        assert self.status(reminder) == "waiting"

    def test_sleep_on_when_a_mouldy_batch_leaves_the_archive(self, old):
        reminder = self.taste(old)
        make_event(batch=old, kind="observation", sign="mould")
        batches.restore(batch=batches.archive(batch=old, now=NOON), now=NOON)
        assert self.status(reminder) == "cancelled"

    def test_of_a_kind_that_waits_already_stay_where_they_are(self, old):
        reminder = self.taste(old)
        make_event(batch=old, kind="observation", sign="mould")
        another = self.taste(old)
        make_event(batch=old, now=NOON + timedelta(minutes=9), kind="observation", sign="no_mould")
        assert {self.status(reminder), self.status(another)} == {"cancelled", "waiting"}
