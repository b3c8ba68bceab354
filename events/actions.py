"""The timeline: recording what happened, correcting it, withdrawing it. Moves write themselves."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from batches import actions as batch_actions
from batches.actions import CLOCK_SKEW, BatchIsArchived, NotYetHappened
from batches.models import Batch
from batches.signals import Change, What
from batches.stages import Place
from events.kinds import BY_HAND, Kind, Sign
from events.models import Event
from kefir import asked_often

BEFORE_THE_START, A_SECOND = timedelta(days=1), timedelta(seconds=1)
RECORDED = frozenset(
    {"kind", "occurred_at", "description", "ph", "brix", "temperature_c", "taste", "fizz", "sign", "ph_by"}
)
MOVES = {What.MOVED, What.ARCHIVED, What.RESTORED}


class BeforeTheBatch(ValidationError):
    def __init__(self) -> None:
        sentence = _("That is more than a day before this batch was started.")
        super().__init__({"occurred_at": ValidationError(sentence, code="before_the_batch")})


class WrittenByItself(ValidationError):
    def __init__(self) -> None:
        super().__init__(
            _("This line was written by a move. Move the batch instead."), code="written_by_itself"
        )


class BelongsToAPhoto(ValidationError):
    def __init__(self) -> None:
        super().__init__(
            _("This line belongs to a photo. Edit the photo instead."), code="belongs_to_a_photo"
        )


class IdIsTaken(ValidationError):
    def __init__(self) -> None:
        super().__init__({"id": ValidationError(_("Choose another id."), code="id_taken")})


@transaction.atomic
def record(*, batch: Batch, now: datetime, id: UUID | None = None, **happened: Any) -> tuple[Event, bool]:  # noqa: A002
    """Write down what happened; say whether that is new.

    The client may choose the id: sent a second time for this batch, it is the event that is already there.
    """
    return write_down(batch=batch_actions.locked(batch), now=now, id=id, **happened)


def write_down(*, batch: Batch, now: datetime, id: UUID | None = None, **happened: Any) -> tuple[Event, bool]:  # noqa: A002
    """As `record`, for whoever holds the batch locked already, in a transaction of theirs."""
    batch_actions.refuse_unknown(happened, RECORDED)
    if known := Event.objects.filter(pk=id, batch=batch).first() if id else None:
        return known, False
    if batch.is_archived:
        raise BatchIsArchived
    event = Event(id=id or uuid4(), batch=batch, created_at=now, updated_at=now, **happened)
    event.occurred_at = event.occurred_at or moment_of(event, now=now)
    if event.ph is not None:
        event.ph_by = event.ph_by or batch.owner.ph_by
    check(event, now=now)
    foretold = batch_actions.tells_something(event.kind, event.said)
    insert(event, chosen=id is not None, foretell_at=now if foretold else None)
    tell(event, What.LOGGED, now=now, foretold=foretold)
    return event, True


def moment_of(event: Event, *, now: datetime) -> datetime:
    """Now. But whoever finds no mould answers what was reported, also by a phone whose clock is ahead."""
    if event.sign != Sign.NO_MOULD:
        return now
    reported = event.batch.events.filter(sign=Sign.MOULD).order_by("-occurred_at").first()
    return max(now, reported.occurred_at + A_SECOND) if reported else now


def insert(event: Event, *, chosen: bool, foretell_at: datetime | None) -> None:
    """Only an id that somebody has chosen can be taken; none of ours is worth a savepoint."""
    if not chosen:
        write(event, foretell_at)
        return
    try:
        with transaction.atomic():
            write(event, foretell_at)
    except IntegrityError as error:
        raise IdIsTaken from error


def write(event: Event, foretell_at: datetime | None) -> None:
    if foretell_at is None:
        asked_often.insert(event)
    else:
        batch_actions.insert_and_foretell(event, batch=event.batch, now=foretell_at)


@transaction.atomic
def correct(*, event: Event, now: datetime, **changes: Any) -> Event:
    batch_actions.refuse_unknown(changes, RECORDED)
    event = of_an_open_batch(event)
    if event.kind == Kind.PHOTO:
        raise BelongsToAPhoto
    for field, value in changes.items():
        setattr(event, field, value)
    if event.ph is None and "ph_by" not in changes:
        event.ph_by = ""
    event.occurred_at = event.occurred_at or now
    event.updated_at = now
    check(event, now=now)
    event.save()
    tell(event, What.CORRECTED, now=now)
    return event


@transaction.atomic
def withdraw(*, event: Event, now: datetime) -> None:
    event = of_an_open_batch(event)
    # Not event.delete(), which would take its id from it: others are told of it by that.
    Event.objects.filter(pk=event.pk).delete()
    tell(event, What.WITHDRAWN, now=now)


def tell(event: Event, what: What, *, now: datetime, foretold: bool = False) -> None:
    batch_actions.log(
        batch=event.batch,
        now=now,
        happened_at=event.occurred_at,
        what=what,
        kind=event.kind,
        said=event.said,
        written_at=event.created_at,
        event=event,
        foretold=foretold,
    )


def write_down_move(sender: type[Batch], *, batch: Batch, change: Change, **_: Any) -> None:
    """Receives batch_changed: a move is an event like any other."""
    if change.what not in MOVES:
        return
    changed_stage = change.before.stage != change.after.stage
    Event(
        batch=batch,
        kind=Kind.STAGE_CHANGE if changed_stage else Kind.STATUS_CHANGE,
        occurred_at=change.happened_at,
        data={"from": described(change.before), "to": described(change.after)},
        created_at=change.now,
        updated_at=change.now,
    ).save(force_insert=True)


def described(place: Place) -> dict[str, str]:
    return {"stage": place.stage.value, "status": place.status.value}


def of_an_open_batch(event: Event) -> Event:
    """The event, re-read while its batch is locked; refused for what only moves may write."""
    batch = batch_actions.locked(event.batch)
    event = Event.objects.select_for_update().get(pk=event.pk)
    event.batch = batch
    if event.was_a_move:
        raise WrittenByItself
    if batch.is_archived:
        raise BatchIsArchived
    return event


def check(event: Event, *, now: datetime) -> None:
    if event.kind not in BY_HAND:
        raise WrittenByItself
    if event.occurred_at > now + CLOCK_SKEW:
        raise NotYetHappened("occurred_at")
    if event.occurred_at < event.batch.started_at - BEFORE_THE_START:
        raise BeforeTheBatch
    # Its batch stands locked before us.
    event.full_clean(exclude={"batch"}, validate_unique=False)
