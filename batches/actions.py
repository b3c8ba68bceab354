"""What a keeper does with a batch: start, edit, move, archive, restore, share, unshare, brew again."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from batches.cultures import Culture
from batches.grain_models import Grains
from batches.models import Batch, Tombstone
from batches.naming import default_name
from batches.signals import Change, What, batch_changed
from batches.stages import Place, Stage, Status, may_move
from work import actions as work

FORECAST = "forecast"
BURPED = "burped"  # as the timeline calls it
CLOCK_SKEW = timedelta(minutes=5)
# As long as an app may be away and still learn what is gone.
TOMBSTONES_KEPT_FOR = timedelta(days=90)
FORGOTTEN_AT_ONCE = 5_000
# Changes of temperature by a degree and more: enough for months; the oldest tell of days long past.
MOST_SENSED = 200

# What a jar is filled with: brewing again takes it over.
RECIPE = (
    "culture",
    "water_volume_ml",
    "sugar_grams",
    "sugar_type",
    "grains_grams",
    "fruits",
    "temperature_c",
    "target_hours",
)
BOTTLING = (
    "bottle_count",
    "bottle_volume_ml",
    "bottle_kind",
    "added_sugar_grams",
    "bottled_temperature_c",
    "bottled_target_hours",
)
EDITABLE = frozenset(
    {
        *RECIPE,
        *BOTTLING,
        *("name", "started_at", "bottled_at", "notes", "public_note", "grains", "new_grains"),
    }
)


class BatchIsArchived(ValidationError):
    def __init__(self) -> None:
        super().__init__(gettext("This batch is archived. Restore it first."), code="batch_archived")


class MoveNotAllowed(ValidationError):
    def __init__(self, before: Place, after: Place) -> None:
        super().__init__(
            gettext("A batch cannot go from %(before)s to %(after)s.") % {"before": before, "after": after},
            code="move_not_allowed",
        )


class NotYetHappened(ValidationError):
    def __init__(self, field: str) -> None:
        super().__init__({field: ValidationError(gettext("That is in the future."), code="in_the_future")})


class GrainsAreGone(ValidationError):
    def __init__(self) -> None:
        error = ValidationError(_("They are gone. Take them back first."), code="grains_are_gone")
        super().__init__({"grains": error})


class HasChanged(ValidationError):
    """Somebody changed the batch since it was read."""

    def __init__(self) -> None:
        super().__init__(gettext("This batch has changed since you read it."), code="stale")


@transaction.atomic
def start(
    *, owner: User, now: datetime, parent: Batch | None = None, is_public: bool = False, **filled: Any
) -> Batch:
    """Fill a jar. Everything may be left out; the name is then made from date and fruits."""
    refuse_unknown(filled, EDITABLE - {*BOTTLING, "bottled_at"})
    batch = Batch(owner=owner, parent=parent, is_public=is_public, created_at=now, updated_at=now, **filled)
    if is_public:
        owner.refuse_if_demo()
    batch.started_at = batch.started_at or now
    batch.name = batch.name.strip() or name_for(batch, owner)
    refuse_future(batch.started_at, "started_at", now)
    put_in_grains(batch)
    batch.full_clean()
    batch.save(force_insert=True)
    announce(batch, What.STARTED, before=batch.place, happened_at=batch.started_at, now=now)
    return batch


def brew_again(*, batch: Batch, owner: User, now: datetime, **changes: Any) -> Batch:
    """A new jar with what was in this one, and what is now different."""
    recipe = {field: getattr(batch, field) for field in RECIPE}
    if batch.grains and not batch.grains.is_gone:
        recipe["grains"] = batch.grains
    return start(owner=owner, now=now, parent=batch, **(recipe | changes))


@transaction.atomic
def edit(*, batch: Batch, now: datetime, **changes: Any) -> Batch:
    """Put right what was written down. Where the batch stands is not edited, it is moved."""
    refuse_unknown(changes, EDITABLE)
    batch = locked(batch)
    if batch.is_archived:
        raise BatchIsArchived
    changed = frozenset(field for field, value in changes.items() if getattr(batch, field) != value)
    if changed:
        grains = {batch.grains_id}
        apply(batch, changes, now=now)
        made_with = frozenset(filter(None, grains | {batch.grains_id}))
        announce(
            batch, What.EDITED, before=batch.place, happened_at=now, now=now, fields=changed, grains=made_with
        )
    return batch


@transaction.atomic
def move(
    *,
    batch: Batch,
    now: datetime,
    stage: str | None = None,
    status: str | None = None,
    bottled_at: datetime | None = None,
    **bottling: Any,
) -> Batch:
    """Take the batch where the table of moves lets it go; into bottles, with what is known of them.

    Where it already stands is no move: nothing happens. Into the archive and out of it this calls the verbs for that.
    """
    refuse_unknown(bottling, set(BOTTLING))
    batch = locked(batch)
    before, after = batch.place, destination(batch, stage, status)
    if after == before:
        return batch
    if after.status == Status.ARCHIVED and after.stage == before.stage:
        return archive(batch=batch, now=now)
    if before.status == Status.ARCHIVED and after == Place(before.stage, Status(batch.status_before_archive)):
        return restore(batch=batch, now=now)
    if not may_move(before, after):
        raise MoveNotAllowed(before, after)
    happened_at = bottled_at if bottled_at and after.stage != before.stage else now
    stand(batch, after, at=happened_at)
    apply(batch, bottling, now=now)
    announce(batch, What.MOVED, before=before, happened_at=happened_at, now=now)
    return batch


@transaction.atomic
def revise(
    *,
    batch: Batch,
    now: datetime,
    version: int | None = None,
    stage: str | None = None,
    status: str | None = None,
    is_public: bool | None = None,
    **changes: Any,
) -> Batch:
    """Move, edit and share in one go, all or nothing; refused when the version is no longer the one that was read."""
    batch = unchanged(batch, version)
    if stage is not None or status is not None:
        into_bottles = batch.stage == Stage.OPEN and stage == Stage.BOTTLED
        bottling = {
            field: changes.pop(field)
            for field in ("bottled_at", *BOTTLING)
            if into_bottles and field in changes
        }
        batch = move(batch=batch, now=now, stage=stage, status=status, **bottling)
    if changes:
        batch = edit(batch=batch, now=now, **changes)
    if is_public is not None:
        batch = (share if is_public else unshare)(batch=batch, now=now)
    return batch


@transaction.atomic
def archive(*, batch: Batch, now: datetime, version: int | None = None) -> Batch:
    """Put it away. Nothing is lost: `restore` undoes it. With `version`, only if it is still the one that was read."""
    batch = unchanged(batch, version)
    if batch.is_archived:
        return batch
    before = batch.place
    batch.status_before_archive, batch.status, batch.archived_at = batch.status, Status.ARCHIVED, now
    apply(batch, {}, now=now)
    announce(batch, What.ARCHIVED, before=before, happened_at=now, now=now)
    return batch


@transaction.atomic
def restore(*, batch: Batch, now: datetime) -> Batch:
    """Take it out of the archive, to where it stood."""
    batch = locked(batch)
    if not batch.is_archived:
        return batch
    before = batch.place
    batch.status, batch.status_before_archive, batch.archived_at = batch.status_before_archive, "", None
    apply(batch, {}, now=now)
    announce(batch, What.RESTORED, before=before, happened_at=now, now=now)
    return batch


def share(*, batch: Batch, now: datetime, public_note: str | None = None) -> Batch:
    """Whoever scans the code sees the public page from now on."""
    return publish(batch, now=now, is_public=True, public_note=public_note)


def unshare(*, batch: Batch, now: datetime) -> Batch:
    return publish(batch, now=now, is_public=False)


@transaction.atomic
def publish(batch: Batch, *, now: datetime, is_public: bool, public_note: str | None = None) -> Batch:
    batch = locked(batch)
    if is_public:
        batch.owner.refuse_if_demo()
    note = batch.public_note if public_note is None else public_note
    if (batch.is_public, batch.public_note) == (is_public, note):
        return batch
    batch.is_public = is_public
    apply(batch, {"public_note": note}, now=now)
    what = What.SHARED if is_public else What.UNSHARED
    announce(batch, what, before=batch.place, happened_at=now, now=now)
    return batch


def log(
    *,
    batch: Batch,
    now: datetime,
    happened_at: datetime,
    what: What = What.LOGGED,
    kind: str = "",
    said: frozenset[str] = frozenset(),
    written_at: datetime | None = None,
    event: Model | None = None,
    foretold: bool = False,
) -> None:
    """Something new is known of the batch, or no longer; called by the timeline, in its transaction.

    `said` names the values that the event gives; `written_at` is when it was first written down. `foretold` is true
    where a forecast was asked for along with writing it.
    """
    announce(
        batch,
        what,
        before=batch.place,
        happened_at=happened_at,
        now=now,
        fields=said,
        event_kind=kind,
        written_at=written_at,
        event=event,
        foretold=foretold,
    )


def forget_tombstones(*, now: datetime) -> int:
    """A day later than promised, so that none goes between a question and its next page. Oldest first."""
    border = now - TOMBSTONES_KEPT_FOR - timedelta(days=1)
    oldest = Tombstone.objects.order_by("pk").values_list("pk", "gone_at")[:FORGOTTEN_AT_ONCE]
    forgotten, _ = Tombstone.objects.filter(pk__in=[pk for pk, at in oldest if at < border]).delete()
    return forgotten


def sense(*, batch: Batch, source: str, at: datetime, temperature_c: float, now: datetime) -> None:
    """The rules of care go by this temperature from now on; called by sensors, in their transaction.

    As if its keeper had noted it, but for a line in the timeline; what people read and edit stays the same version.
    """
    told = {"at": at.isoformat(), "temperature_c": temperature_c, "source": source}
    batch.sensed = [*batch.sensed, told][-MOST_SENSED:]
    batch.save(update_fields=["sensed"])
    log(
        batch=batch,
        now=now,
        happened_at=at,
        what=What.SENSED,
        said=frozenset({"temperature_c"}),
        written_at=now,
    )


def locked(batch: Batch) -> Batch:
    """With its owner, whom somebody always asks for."""
    return Batch.objects.select_for_update(of=("self",)).select_related("owner").get(pk=batch.pk)


def unchanged(batch: Batch, version: int | None) -> Batch:
    """Under lock, and still as it was read."""
    batch = locked(batch)
    if version is not None and version != batch.version:
        raise HasChanged
    return batch


def refuse_unknown(given: Mapping[str, Any], known: frozenset[str] | set[str]) -> None:
    """A mistake of ours, not a refusal."""
    if unknown := given.keys() - known:
        raise TypeError(f"a batch has no such fields to set: {sorted(unknown)}")


def refuse_future(at: datetime | None, field: str, now: datetime) -> None:
    if at and at > now + CLOCK_SKEW:
        raise NotYetHappened(field)


def destination(batch: Batch, stage: str | None, status: str | None) -> Place:
    """Into bottles without a word on where they stand means: on the counter."""
    to = Stage(stage or batch.stage)
    if status is None:
        status = batch.status if to == batch.stage else Status.ACTIVE
    return Place(to, Status(status))


def stand(batch: Batch, place: Place, *, at: datetime) -> None:
    if place.stage != batch.stage:
        batch.bottled_at = at
    batch.in_fridge_at = cold_since(batch, place, at=at)
    batch.ready_at = at if place.status == Status.READY else batch.ready_at
    batch.stage, batch.status = place


def cold_since(batch: Batch, place: Place, *, at: datetime) -> datetime | None:
    """What is called ready stays where it stood: of what comes from the fridge nobody said that it left it."""
    if place.status == Status.IN_FRIDGE:
        return batch.in_fridge_at or at
    return batch.in_fridge_at if place.status == Status.READY else None


def apply(batch: Batch, changes: Mapping[str, Any], *, now: datetime) -> None:
    for field, value in changes.items():
        setattr(batch, field, value)
    for field in ("started_at", "bottled_at"):
        refuse_future(getattr(batch, field), field, now)
    batch.version += 1
    batch.updated_at = now
    batch.full_clean()
    batch.save()


def put_in_grains(batch: Batch) -> None:
    """Where nobody said how much went in, it is what they weighed last. Raises GrainsAreGone."""
    if batch.grains is None:
        return
    batch.grains = Grains.objects.select_for_update(no_key=True).filter(pk=batch.grains.pk).first()
    if batch.grains is None or batch.grains.is_gone:
        raise GrainsAreGone
    if batch.grains_grams is None:
        batch.grains_grams = batch.grains.grams


def name_for(batch: Batch, owner: User) -> str:
    return default_name(
        culture=str(Culture(batch.culture).label),
        fruits=batch.fruits,
        day=batch.started_at.astimezone(ZoneInfo(owner.timezone)).date(),
        longest=100,
    )


def announce(
    batch: Batch,
    what: What,
    *,
    before: Place,
    happened_at: datetime,
    now: datetime,
    foretold: bool = False,
    **known: Any,
) -> None:
    change = Change(what=what, before=before, after=batch.place, happened_at=happened_at, now=now, **known)
    batch_changed.send(Batch, batch=batch, change=change)
    if alters_the_forecast(change) and not foretold:
        work.enqueue(kind=FORECAST, key=batch.pk, now=now, owner=batch.owner)


def insert_and_foretell(event: Model, *, batch: Batch, now: datetime) -> None:
    """An event that alters the forecast, and the job that makes a new one."""
    work.enqueue_beside(event, kind=FORECAST, key=batch.pk, now=now, owner=batch.owner)


def tells_something(kind: str, said: frozenset[str]) -> bool:
    """A few words do not."""
    return bool(said) or kind == BURPED


def alters_the_forecast(change: Change) -> bool:
    if change.what in {What.LOGGED, What.CORRECTED, What.WITHDRAWN}:
        return tells_something(change.event_kind, change.fields)
    return change.what not in {What.SHARED, What.UNSHARED, What.FORETOLD}
