"""What is due: confirming, planning anew, cancelling, finishing, snoozing, asking for another try."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from batches import actions as batch_actions
from batches import care, grains
from batches.actions import BatchIsArchived
from batches.care import Suggestion
from batches.keepers import keeper_of
from batches.kinds import Kind
from batches.models import Batch, bring_history
from batches.signals import Change, What
from hooks import actions as hooks
from hooks.kinds import Kind as Told
from kefir import languages
from reminders.bounds import TooManyWaiting, are_too_many
from reminders.models import Delivery, Reminder
from reminders.planning import Fate, Planned, Verdict, settled_by, verdicts

MOST_AT_ONCE = 50
FURTHEST = timedelta(days=730)
DELIVERIES_KEPT_FOR = timedelta(days=90)
FORGOTTEN_AT_ONCE = 5_000
# As exact as a page's clock: a time within the minute is the suggested one.
SAME_MINUTE = timedelta(minutes=1)

ALTER_THE_PLAN = {
    What.EDITED,
    What.MOVED,
    What.ARCHIVED,
    What.RESTORED,
    What.LOGGED,
    What.CORRECTED,
    What.WITHDRAWN,
    What.SENSED,
    What.FORETOLD,
}
TOLD_OF = {
    Fate.RETIME: Told.REMINDER_REPLANNED,
    Fate.REVIVE: Told.REMINDER_REPLANNED,
    Fate.CANCEL: Told.REMINDER_CANCELLED,
    Fate.FINISH: Told.REMINDER_DONE,
}
# What planning anew may change of one.
REPLANNED = (
    "status", "cancelled_with_batch", "done_at", "due_at", "snoozed_until", "held_until", "message", "why",
    "priority", "round", "attempts", "error", "leased_until", "claims", "changed_at",
)  # fmt: skip
# Whoever strikes out an event by then takes back a slip of the finger; later, they tidy up.
SLIP = timedelta(hours=1)


class InThePast(ValidationError):
    def __init__(self, field: str) -> None:
        super().__init__({field: ValidationError(_("That time has passed."), code="in_the_past")})


class TooFarAhead(ValidationError):
    def __init__(self, field: str) -> None:
        super().__init__({field: ValidationError(_("At most two years ahead."), code="too_far_ahead")})


class NotFailed(ValidationError):
    def __init__(self, reminder: Reminder) -> None:
        sentence = _("This reminder is %(status)s: there is nothing to send again.") % {
            "status": reminder.get_status_display().lower()
        }
        super().__init__(sentence, code="not_failed")


class NotWaiting(ValidationError):
    def __init__(self, reminder: Reminder) -> None:
        sentence = _("This reminder is %(status)s already.") % {
            "status": reminder.get_status_display().lower()
        }
        super().__init__(sentence, code="not_waiting")


@transaction.atomic
def confirm(*, batch: Batch, reminders: Sequence[Mapping[str, Any]], now: datetime) -> list[Reminder]:
    """Schedule what was agreed to, all or none: each with `due_at`, `message` and perhaps the `kind` suggested.

    One reminder of a kind waits per batch: confirming another one of that kind moves it.
    """
    batch = batch_actions.locked(batch)
    if batch.is_archived:
        raise BatchIsArchived
    suggested = {one.kind: one for one in care.suggest(batch.facts(), now=now, keeper=keeper_of(batch.owner))}
    confirmed = [
        schedule(batch, suggested, now=now, field=f"reminders.{position}.", **wanted)
        for position, wanted in enumerate(reminders)
    ]
    if are_too_many(batch.owner):
        raise TooManyWaiting
    hooks.announce(user=batch.owner, told=[(Told.REMINDER_CONFIRMED, one) for one in confirmed], now=now)
    return confirmed


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
    reminder.owner, reminder.message, reminder.changed_at = batch.owner, message, now
    set_time(reminder, due_at)
    suggestion = suggested.get(kind)
    reminder.follows_plan = suggestion is not None and abs(suggestion.due_at - due_at) < SAME_MINUTE
    if suggestion:
        reminder.why, reminder.priority = suggestion.why, suggestion.priority
    clean(reminder, field)
    reminder.save()
    return reminder


def replan_changed_batch(sender: type[Batch], *, batch: Batch, change: Change, **_: Any) -> None:
    """Receives batch_changed."""
    if change.what == What.WITHDRAWN and change.written_at and change.now - change.written_at <= SLIP:
        reopen(batch, change)
    if change.what == What.TAKEN_BACK:
        take_up_again(batch, change)
    if change.what in ALTER_THE_PLAN and tells_something(change):
        replan(batch, change)


def tells_something(change: Change) -> bool:
    """A few words that settle nothing and give no value leave the plan as it was."""
    if change.what != What.LOGGED:
        return True
    return bool(change.fields or settled_by(change.event_kind, change.fields))


def reopen(batch: Batch, change: Change) -> None:
    """What an event had finished when it was written down asks again, now that it was struck out.

    Unless another one of the kind waits by now.
    """
    settled = settled_by(change.event_kind, change.fields)
    finished = Reminder.objects.filter(batch=batch, kind__in=settled).finished(change.written_at)
    reopened = []
    for reminder in finished.order_by("pk").select_for_update():
        reminder.batch, reminder.done_at = batch, None
        if reminder.sent_at:
            reopened.append(set_status(reminder, Reminder.Status.SENT))
        elif waiting_of_kind(batch, reminder.kind) is None:
            reopened.append(tell_again(reminder, held_until=change.now))
    hear = [(Told.REMINDER_REPLANNED, one) for one in reopened]
    hooks.announce(user=batch.owner, told=hear, now=change.now)


def take_up_again(batch: Batch, change: Change) -> None:
    """Those that are as they were before: whoever had one in hand has it no more, and none is overlooked."""
    rows = Reminder.objects.filter(batch=batch, pk__in=change.again)
    again = list(rows.order_by("pk").select_for_update())
    for reminder in again:
        reminder.batch = batch
    taken_up(again, now=change.now)


def taken_up(again: Sequence[Reminder], *, now: datetime) -> None:
    for reminder in again:
        let_go(reminder)
        if reminder.is_due(now):
            reminder.held_until = now
        reminder.save(update_fields=["leased_until", "claims", "held_until"])
    if again:
        hear = [(Told.REMINDER_REPLANNED, reminder) for reminder in again]
        hooks.announce(user=again[0].owner, told=hear, now=now)


def replan(batch: Batch, change: Change) -> None:
    """Make the batch's reminders fit what it is now, and finish what was just written down as done."""
    rows = Reminder.objects.filter(batch=batch).replannable().order_by("pk").select_for_update()
    changed = replanned(batch, list(rows), change)
    for _fate, reminder in changed:
        reminder.save()
    hooks.announce(user=batch.owner, told=changed, now=change.now)


@transaction.atomic
def follow_forecasts(*, batch_ids: Sequence[str], now: datetime) -> None:
    """Of many batches of which something else is said now, in a fixed number of queries.

    What webhooks are told of it is written down for each of their owners.
    """
    following = Reminder.objects.filter(batch__in=batch_ids, follows_plan=True).waiting()
    batches = list(
        Batch.objects.filter(pk__in=following.values("batch"))
        .select_for_update(of=("self",))
        .select_related("owner")
        .with_readings()
        .order_by("pk")
    )
    bring_history(batches, {batch.owner for batch in batches})
    rows = Reminder.objects.filter(batch__in=batches).replannable().order_by("pk").select_for_update()
    by_batch = defaultdict(list)
    for reminder in rows:
        by_batch[reminder.batch_id].append(reminder)
    changed = [(batch, replanned(batch, by_batch[batch.pk], foretold(batch, now))) for batch in batches]
    moved = [reminder for _, told in changed for _, reminder in told]
    Reminder.objects.bulk_update(moved, REPLANNED, batch_size=1_000)
    for batch, told in changed:
        hooks.announce(user=batch.owner, told=told, now=now)


def foretold(batch: Batch, now: datetime) -> Change:
    return Change(what=What.FORETOLD, before=batch.place, after=batch.place, happened_at=now, now=now)


def replanned(batch: Batch, rows: Sequence[Reminder], change: Change) -> list[tuple[Told, Reminder]]:
    """Those that change, as they are to be saved, and what is to be told of them."""
    what, now = change.what, change.now
    with languages.spoken(batch.owner.language):
        suggestions = care.suggest(batch.facts(), now=now, keeper=keeper_of(batch.owner)) if rows else []
    settled = (
        settled_by(change.event_kind, change.fields) if what in {What.LOGGED, What.SENSED} else frozenset()
    )
    by_id = {reminder.pk: reminder for reminder in rows}
    changed = []
    for verdict in verdicts(
        map(planned, rows), suggestions, what=what, now=now, settled=settled, happened_at=change.happened_at
    ):
        reminder = by_id[verdict.id]
        reminder.batch = batch
        carry_out(verdict, reminder, now=now)
        changed.append((TOLD_OF[verdict.fate], reminder))
    return changed


def planned(reminder: Reminder) -> Planned:
    return Planned(
        id=reminder.pk,
        kind=reminder.kind,
        due_at=reminder.due_at,
        priority=reminder.priority,
        follows_plan=reminder.follows_plan,
        is_sent=reminder.status == Reminder.Status.SENT,
        is_failed=reminder.status == Reminder.Status.FAILED,
        cancelled_with_batch=reminder.cancelled_with_batch,
    )


def carry_out(verdict: Verdict, reminder: Reminder, *, now: datetime) -> None:
    match verdict.fate:
        case Fate.RETIME if verdict.suggestion:
            follow(reminder, verdict.suggestion, now=now)
        case Fate.CANCEL:
            reminder.status = Reminder.Status.CANCELLED
            reminder.cancelled_with_batch = verdict.sleeps
        case Fate.FINISH:
            reminder.status, reminder.done_at = Reminder.Status.DONE, now
        case Fate.REVIVE:
            reminder.status, reminder.cancelled_with_batch = Reminder.Status.WAITING, False
            if verdict.suggestion and verdict.suggestion.due_at != reminder.due_at:
                follow(reminder, verdict.suggestion, now=now)


def follow(reminder: Reminder, suggestion: Suggestion, *, now: datetime) -> None:
    set_time(reminder, suggestion.due_at)
    reminder.message, reminder.why = suggestion.message, suggestion.why
    reminder.priority, reminder.changed_at = suggestion.priority, now


def set_time(reminder: Reminder, due_at: datetime) -> None:
    """Another time than it had, so whatever was tried or put off for the old one is void."""
    if reminder.leased_until or reminder.attempts:
        # It was tried, or is on its way just now: what goes at the new time is another message.
        reminder.round += 1
    reminder.due_at, reminder.snoozed_until, reminder.held_until = due_at, None, None
    reminder.attempts, reminder.error = 0, ""
    let_go(reminder)


@transaction.atomic
def cancel(*, reminder: Reminder, now: datetime) -> Reminder:
    reminder = locked(reminder)
    if reminder.status == Reminder.Status.CANCELLED:
        return reminder
    if reminder.status not in {Reminder.Status.WAITING, Reminder.Status.FAILED}:
        raise NotWaiting(reminder)
    return told(Told.REMINDER_CANCELLED, set_status(reminder, Reminder.Status.CANCELLED), now=now)


@transaction.atomic
def finish(*, reminder: Reminder, now: datetime) -> Reminder:
    """It is done, told or not. A culture was fed, then: the time until it wants that again begins anew."""
    # Grains first, as whoever plans for them does.
    culture = grains.locked(reminder.grains) if reminder.grains else None
    reminder = still_to_do(reminder)
    reminder.done_at = now
    set_status(reminder, Reminder.Status.DONE)
    if culture and not culture.is_gone:
        grains.feed(grains=culture, now=now)
    return told(Told.REMINDER_DONE, reminder, now=now)


@transaction.atomic
def skip(*, reminder: Reminder, now: datetime) -> Reminder:
    """Not this time."""
    skipped = set_status(still_to_do(reminder), Reminder.Status.SKIPPED)
    return told(Told.REMINDER_SKIPPED, skipped, now=now)


@transaction.atomic
def snooze(*, reminder: Reminder, until: datetime, now: datetime) -> Reminder:
    """Say it again later. The due time stays; what was told already is told once more."""
    refuse_odd_time(until, "until", now)
    reminder = still_to_do(reminder)
    reminder.snoozed_until, reminder.changed_at = until, now
    return told(Told.REMINDER_SNOOZED, tell_again(reminder), now=now)


@transaction.atomic
def send_again(*, reminder: Reminder, now: datetime) -> Reminder:
    """What could not be sent is sent once more, from the beginning and to everybody."""
    reminder = locked(reminder)
    if reminder.status != Reminder.Status.FAILED:
        raise NotFailed(reminder)
    # Not before now: the engine has left behind it what was due long ago.
    return told(Told.REMINDER_REPLANNED, tell_again(reminder, held_until=now), now=now)


def tell_again(reminder: Reminder, *, held_until: datetime | None = None) -> Reminder:
    """In another round, so that what was sent in this one keeps nobody from hearing of it again."""
    reminder.round += 1
    reminder.held_until, reminder.again_at, reminder.sent_at = held_until, None, None
    reminder.attempts, reminder.error = 0, ""
    let_go(reminder)
    reminder.status = Reminder.Status.WAITING
    reminder.validate_constraints()
    reminder.save()
    return reminder


def let_go(reminder: Reminder) -> None:
    """Whoever has it in hand finds that it is theirs no more."""
    reminder.leased_until, reminder.claims = None, 0


def forget_deliveries(*, now: datetime) -> int:
    """What became of a message is worth knowing for a season. Oldest first, some thousands at a time."""
    oldest = Delivery.objects.order_by("pk").values_list("pk", "created_at")[:FORGOTTEN_AT_ONCE]
    over = [pk for pk, created_at in oldest if created_at < now - DELIVERIES_KEPT_FOR]
    forgotten, _ = Delivery.objects.filter(pk__in=over).delete()
    return forgotten


def told(kind: Told, reminder: Reminder, *, now: datetime) -> Reminder:
    """The reminder, of which webhooks hear in this transaction."""
    hooks.announce(user=reminder.owner, told=[(kind, reminder)], now=now)
    return reminder


def locked(reminder: Reminder) -> Reminder:
    return (
        Reminder.objects.select_for_update(of=("self",))
        .select_related("batch", "grains", "owner")
        .get(pk=reminder.pk)
    )


def still_to_do(reminder: Reminder) -> Reminder:
    reminder = locked(reminder)
    if not reminder.is_open:
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
