"""What is due: confirming, planning anew, cancelling, finishing, snoozing, and carrying a reminder to its keeper."""

import random
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction

from batches import actions as batch_actions
from batches import care
from batches.actions import BatchIsArchived
from batches.care import Suggestion
from batches.kinds import Kind
from batches.models import Batch
from batches.signals import Change, What
from reminders import mail
from reminders.models import LEASE, Reminder
from reminders.planning import Fate, Planned, Verdict, verdicts
from reminders.timing import pause_after

CHUNK = 100
MOST_AT_ONCE = 50
FURTHEST = timedelta(days=730)
# As exact as a page's clock: a time within the minute is the suggested one.
SAME_MINUTE = timedelta(minutes=1)

ALTER_THE_PLAN = {What.EDITED, What.MOVED, What.ARCHIVED, What.RESTORED, What.LOGGED}


class InThePast(ValidationError):
    def __init__(self, field: str) -> None:
        super().__init__({field: ValidationError("That time has passed.", code="in_the_past")})


class TooFarAhead(ValidationError):
    def __init__(self, field: str) -> None:
        super().__init__({field: ValidationError("At most two years ahead.", code="too_far_ahead")})


class NotWaiting(ValidationError):
    def __init__(self, reminder: Reminder) -> None:
        sentence = f"This reminder is {reminder.get_status_display().lower()} already."
        super().__init__(sentence, code="not_waiting")


@transaction.atomic
def confirm(*, batch: Batch, reminders: Sequence[Mapping[str, Any]], now: datetime) -> list[Reminder]:
    """Schedule what was agreed to, all or none: each with `due_at`, `message` and perhaps the `kind` suggested.

    One reminder of a kind waits per batch: confirming another one of that kind moves it.
    """
    batch = batch_actions.locked(batch)
    if batch.is_archived:
        raise BatchIsArchived
    suggested = {one.kind: one for one in care.suggest(batch.facts(), now=now, zone=batch.owner.zone)}
    return [
        schedule(batch, suggested, now=now, field=f"reminders.{position}.", **wanted)
        for position, wanted in enumerate(reminders)
    ]


def schedule(
    batch: Batch,
    suggested: Mapping[str, Suggestion],
    *,
    due_at: datetime,
    message: str,
    now: datetime,
    field: str = "",
    kind: str = Kind.CUSTOM,
) -> Reminder:
    refuse_odd_time(due_at, f"{field}due_at", now)
    reminder = waiting_of_kind(batch, kind) or Reminder(batch=batch, kind=kind, created_at=now)
    reminder.owner, reminder.message, reminder.due_at, reminder.snoozed_until = (
        batch.owner,
        message,
        due_at,
        None,
    )
    if suggestion := suggested.get(kind):
        reminder.why, reminder.priority = suggestion.why, suggestion.priority
        reminder.follows_plan = abs(suggestion.due_at - due_at) < SAME_MINUTE
    clean(reminder, field)
    reminder.save()
    return reminder


def replan_changed_batch(sender: type[Batch], *, batch: Batch, change: Change, **_: Any) -> None:
    """Receives batch_changed."""
    if change.what in ALTER_THE_PLAN:
        replan(batch, what=change.what, now=change.now)


def replan(batch: Batch, *, what: What, now: datetime) -> None:
    """Make the batch's reminders fit what it is now."""
    rows = list(Reminder.objects.filter(batch=batch).replannable().select_for_update())
    suggestions = care.suggest(batch.facts(), now=now, zone=batch.owner.zone) if rows else []
    by_id = {reminder.pk: reminder for reminder in rows}
    for verdict in verdicts(map(planned, rows), suggestions, what=what, now=now):
        carry_out(verdict, by_id[verdict.id], what=what, now=now)


def planned(reminder: Reminder) -> Planned:
    return Planned(
        id=reminder.pk,
        kind=reminder.kind,
        due_at=reminder.due_at,
        follows_plan=reminder.follows_plan,
        is_sent=reminder.status == Reminder.Status.SENT,
        cancelled_with_batch=reminder.cancelled_with_batch,
    )


def carry_out(verdict: Verdict, reminder: Reminder, *, what: What, now: datetime) -> None:
    match verdict.fate:
        case Fate.RETIME if verdict.suggestion:
            reminder.due_at, reminder.snoozed_until = verdict.suggestion.due_at, None
            reminder.message, reminder.why = verdict.suggestion.message, verdict.suggestion.why
        case Fate.CANCEL:
            reminder.status = Reminder.Status.CANCELLED
            reminder.cancelled_with_batch = what == What.ARCHIVED
        case Fate.FINISH:
            reminder.status, reminder.done_at = Reminder.Status.DONE, now
        case Fate.REVIVE:
            reminder.status, reminder.cancelled_with_batch = Reminder.Status.WAITING, False
    reminder.save()


@transaction.atomic
def cancel(*, reminder: Reminder) -> Reminder:
    reminder = locked(reminder)
    if reminder.status == Reminder.Status.CANCELLED:
        return reminder
    if reminder.status not in {Reminder.Status.WAITING, Reminder.Status.FAILED}:
        raise NotWaiting(reminder)
    return set_status(reminder, Reminder.Status.CANCELLED)


@transaction.atomic
def finish(*, reminder: Reminder, now: datetime) -> Reminder:
    """It is done, told or not."""
    reminder = still_to_do(reminder)
    reminder.done_at = now
    return set_status(reminder, Reminder.Status.DONE)


@transaction.atomic
def skip(*, reminder: Reminder) -> Reminder:
    """Not this time."""
    return set_status(still_to_do(reminder), Reminder.Status.SKIPPED)


@transaction.atomic
def snooze(*, reminder: Reminder, until: datetime, now: datetime) -> Reminder:
    """Say it again later. The due time stays; what was told already is told once more."""
    refuse_odd_time(until, "until", now)
    reminder = still_to_do(reminder)
    if reminder.status == Reminder.Status.SENT:
        reminder.round += 1
    reminder.snoozed_until, reminder.sent_at, reminder.attempts, reminder.error = until, None, 0, ""
    reminder.leased_until = None
    return set_status(reminder, Reminder.Status.WAITING)


@transaction.atomic
def claim(*, now: datetime, at_most: int = CHUNK) -> list[UUID]:
    """Take what is due and in nobody's hands, for as long as the lease runs. Several may claim at once."""
    due = Reminder.objects.due(now).free(now).soonest_first().select_for_update(skip_locked=True)
    ids = list(due.values_list("pk", flat=True)[:at_most])
    Reminder.objects.filter(pk__in=ids).update(leased_until=now + LEASE)
    return ids


def deliver(reminder_id: UUID, *, now: datetime) -> bool:
    """Carry one reminder to its keeper, if it still is to be; say whether it went."""
    reminder = take_up(reminder_id, now=now)
    if reminder is None:
        return False
    try:
        mail.send(reminder)
    except mail.MailFailed as failure:
        put_back(reminder, failure, now=now)
        return False
    Reminder.objects.filter(pk=reminder.pk, status=Reminder.Status.WAITING).update(
        status=Reminder.Status.SENT, sent_at=now, leased_until=None, error=""
    )
    return True


@transaction.atomic
def take_up(reminder_id: UUID, *, now: datetime) -> Reminder | None:
    """The reminder, for one worker alone: a message that comes twice finds the attempt counted already."""
    reminder = (
        Reminder.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("batch", "owner")
        .filter(pk=reminder_id)
        .first()
    )
    if reminder is None or not reminder.is_due(now) or reminder.lease_taken_up == reminder.leased_until:
        return None
    if reminder.batch.is_archived or not reminder.owner.is_active:
        set_status(reminder, Reminder.Status.CANCELLED)
        return None
    if pause_after(reminder.attempts, chance=0) is None:
        reminder.error = "Every try ended in the middle."
        set_status(reminder, Reminder.Status.FAILED)
        return None
    reminder.attempts += 1
    reminder.leased_until = reminder.lease_taken_up = now + LEASE
    reminder.save(update_fields=["attempts", "leased_until", "lease_taken_up"])
    return reminder


def put_back(reminder: Reminder, failure: mail.MailFailed, *, now: datetime) -> None:
    pause = None if failure.permanent else pause_after(reminder.attempts, chance=random.random())  # noqa: S311
    status = Reminder.Status.WAITING if pause else Reminder.Status.FAILED
    again_at = now + pause if pause else None
    Reminder.objects.filter(pk=reminder.pk, status=Reminder.Status.WAITING).update(
        status=status, error=str(failure)[:300], leased_until=again_at, lease_taken_up=again_at
    )


def send_again(*, reminders: Iterable[Reminder]) -> int:
    """What could not be sent is tried once more from the beginning."""
    ids = [reminder.pk for reminder in reminders]
    return Reminder.objects.filter(pk__in=ids, status=Reminder.Status.FAILED).update(
        status=Reminder.Status.WAITING, attempts=0, error="", leased_until=None
    )


def locked(reminder: Reminder) -> Reminder:
    return Reminder.objects.select_for_update(of=("self",)).select_related("batch").get(pk=reminder.pk)


def still_to_do(reminder: Reminder) -> Reminder:
    reminder = locked(reminder)
    if reminder.status not in {Reminder.Status.WAITING, Reminder.Status.SENT, Reminder.Status.FAILED}:
        raise NotWaiting(reminder)
    return reminder


def set_status(reminder: Reminder, status: Reminder.Status) -> Reminder:
    reminder.status = status
    reminder.save()
    return reminder


def waiting_of_kind(batch: Batch, kind: str) -> Reminder | None:
    if kind == Kind.CUSTOM:
        return None
    return Reminder.objects.filter(batch=batch, kind=kind).waiting().select_for_update().first()


def refuse_odd_time(at: datetime, field: str, now: datetime) -> None:
    if at <= now:
        raise InThePast(field)
    if at > now + FURTHEST:
        raise TooFarAhead(field)


def clean(reminder: Reminder, field: str) -> None:
    """full_clean, with each refusal named by its place among many."""
    try:
        reminder.full_clean()
    except ValidationError as refusal:
        places = {
            name: field.rstrip(".") if name == NON_FIELD_ERRORS else field + name
            for name in refusal.error_dict
        }
        raise ValidationError(
            {places[name]: errors for name, errors in refusal.error_dict.items()}
        ) from refusal
