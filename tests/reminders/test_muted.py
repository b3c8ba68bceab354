"""A hint that was skipped three times with a culture is not suggested again, until its keeper asks for it."""

from datetime import timedelta

import pytest

from batches.care import parted
from reminders import actions
from reminders.models import Reminder
from reminders.planning import muted
from tests.api import call
from tests.factories import NOON, make_batch
from tests.reminders.test_planning import suggested

DAY = timedelta(days=1)
SKIPPED, DONE = True, False


@pytest.fixture(autouse=True)
def _at_noon(time_machine):
    time_machine.move_to(NOON, tick=False)


def hint(batch, answer, *, after):
    wanted = {"kind": "first_look", "due_at": NOON + timedelta(hours=after), "message": "Look"}
    [reminder] = actions.confirm(batch=batch, reminders=[wanted], now=NOON)
    answer(reminder=reminder, now=NOON)


def skip_often(owner, times=3, **filled):
    for after in range(1, times + 1):
        hint(make_batch(owner=owner, **filled), actions.skip, after=after)


def offered(api, batch):
    answer = call(api, "get", f"/batches/{batch.pk}/reminders/suggestions").json()
    return [{one["kind"] for one in answer[name]} for name in ("suggestions", "muted")]


class TestRule:
    @pytest.mark.parametrize(
        ("answers", "is_muted"),
        [
            ([SKIPPED] * 3, True),
            ([SKIPPED] * 2, False),
            ([DONE, SKIPPED, SKIPPED, SKIPPED], False),
            ([SKIPPED, SKIPPED, DONE, SKIPPED], False),
            ([SKIPPED, SKIPPED, SKIPPED, DONE], True),
        ],
    )
    def test_goes_by_the_last_three_answers(self, answers, is_muted):
        assert muted(("first_look", answer) for answer in answers) == ({"first_look"} if is_muted else set())

    @pytest.mark.parametrize(("priority", "stays"), [(0, True), (1, True), (2, False)])
    def test_mutes_hints_alone(self, priority, stays):
        one = suggested(kind="check_ph", priority=priority)
        assert parted([one], {"check_ph"}) == (([one], []) if stays else ([], [one]))


class TestMuting:
    def test_ends_the_suggestion_for_this_culture_and_says_what_was_muted(self, api, alice):
        skip_often(alice)
        kept, quiet = offered(api, make_batch(owner=alice))
        assert "first_look" not in kept
        assert quiet == {"first_look"}
        kept, quiet = offered(api, make_batch(owner=alice, culture="kombucha"))
        assert quiet == set()

    def test_is_each_keeper_s_own_and_takes_three_times(self, api, alice, bob):
        skip_often(bob)
        skip_often(alice, times=2)
        assert "first_look" in offered(api, make_batch(owner=alice))[0]

    def test_ends_when_it_was_done_once_more(self, api, alice):
        skip_often(alice)
        again = make_batch(owner=alice)
        hint(again, actions.finish, after=9)
        assert "first_look" in offered(api, make_batch(owner=alice))[0]

    def test_counts_for_what_a_new_batch_is_answered_with(self, api, alice):
        skip_often(alice)
        answer = call(api, "post", "/batches", {}).json()
        assert "first_look" not in {one["kind"] for one in answer["suggestions"]}

    def test_leaves_it_to_be_ticked_on_the_page(self, client, alice):
        skip_often(alice)
        client.force_login(alice)
        batch = make_batch(owner=alice)
        page = client.get(f"/batches/{batch.pk}/reminders").content.decode()
        assert "Skipped three times" in page
        typed = {
            "first_look-wanted": "on",
            "first_look-message": "Look",
            "first_look-due_at": "2026-03-01T18:00",
            "first_look-suggested_at": "2026-03-01T18:00",
        }
        client.post(f"/batches/{batch.pk}/reminders", typed)
        assert Reminder.objects.waiting().get(batch=batch).kind == "first_look"
