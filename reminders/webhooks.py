"""Webhooks hear of what was told and what could not be, in the transaction that notes it.

Of most people nobody wants to know, and for them this costs nothing: the facts say of whom somebody does.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from django.db import transaction

from accounts.models import User
from hooks import actions as hooks
from hooks.kinds import Kind
from reminders.models import Reminder
from reminders.queue import Ending

SENT, FAILED, CANCELLED = (
    status.value for status in (Reminder.Status.SENT, Reminder.Status.FAILED, Reminder.Status.CANCELLED)
)
HEARD_OF = {FAILED: Kind.REMINDER_FAILED, CANCELLED: Kind.REMINDER_CANCELLED}


def of_interest(endings: Sequence[Ending], listened_to: Collection[str]) -> list[Ending]:
    """The news among them, of the reminders that somebody listens to."""
    return [
        one for one in endings if one.reminder_id in listened_to and (one.is_told or one.status in HEARD_OF)
    ]


@transaction.atomic
def settle_and_tell(settle: Callable[[], None], news: Sequence[Ending], *, now: datetime) -> None:
    settle()
    by_id = {one.reminder_id: one for one in news}
    told: defaultdict[User, list[hooks.Told]] = defaultdict(list)
    for reminder in (
        Reminder.objects.filter(pk__in=by_id)
        .select_related("batch", "grains", "owner")
        .order_by("alert_at", "id")
    ):
        if kind := what_became(reminder, by_id[str(reminder.pk)], now=now):
            told[reminder.owner].append((kind, reminder))
    for user, things in told.items():
        hooks.announce(user=user, told=things, now=now)


def what_became(reminder: Reminder, ending: Ending, *, now: datetime) -> Kind | None:
    """None when it had left our hands before, so that the ending was not ours to write."""
    if ending.is_told:
        return Kind.REMINDER_SENT if reminder.sent_at == now else None
    is_ours = (reminder.status, reminder.attempts) == (ending.status, ending.attempts)
    return HEARD_OF[ending.status] if is_ours else None
