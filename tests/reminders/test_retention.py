from datetime import timedelta

from reminders import actions, tasks
from reminders.models import Delivery
from tests.factories import NOON, make_batch, make_reminder

OLD = NOON - actions.DELIVERIES_KEPT_FOR


def noted(reminder, round_, at):
    return Delivery.objects.create(
        reminder=reminder,
        round=round_,
        channel="email",
        address="email",
        status="sent",
        attempts=1,
        sent_at=at,
        created_at=at,
    )


def test_deliveries_are_forgotten_after_a_season_and_not_before(alice):
    reminder = make_reminder(batch=make_batch(owner=alice), due_at=NOON + timedelta(hours=1))
    noted(reminder, 1, OLD - timedelta(seconds=1))
    kept = noted(reminder, 2, OLD)

    assert actions.forget_deliveries(now=NOON) == 1
    assert list(Delivery.objects.all()) == [kept]


def test_all_that_is_over_goes_in_one_sweep(alice, monkeypatch):
    monkeypatch.setattr(actions, "FORGOTTEN_AT_ONCE", 2)
    reminder = make_reminder(batch=make_batch(owner=alice), due_at=NOON + timedelta(hours=1))
    for round_ in range(1, 6):
        noted(reminder, round_, OLD - timedelta(days=400))

    tasks.sweep()

    assert not Delivery.objects.exists()
