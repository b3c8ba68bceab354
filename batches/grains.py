"""What becomes of a culture of one's own: kept, weighed, fed, put to rest, woken, let go, deleted."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from batches.actions import refuse_future, refuse_unknown
from batches.grain_models import Grains, Weighing
from batches.models import Batch
from batches.signals import Change, What
from work import actions as work

EDITABLE = frozenset({"name", "culture", "got_at", "notes"})
MOST_GRAINS, MOST_WEIGHINGS = 50, 2_000
NOTICED_AT_ONCE = 500
# The kind of job that plans a reminder of what they want.
PLAN = "grains_plan"
# What tells of a batch whether a culture is at work, and since when no longer.
COUNTED_FROM = {"grains", "started_at", "bottled_at", "temperature_c"}
MOVING = {What.STARTED, What.EDITED, What.MOVED, What.ARCHIVED, What.RESTORED}


class TooManyGrains(ValidationError):
    def __init__(self) -> None:
        sentence = _("At most %(most)s cultures. Delete one that is gone first.")
        super().__init__(sentence, code="too_many", params={"most": MOST_GRAINS})


class TooManyWeighings(ValidationError):
    def __init__(self) -> None:
        sentence = _("At most %(most)s weights of one culture. Delete some first.")
        super().__init__(sentence, code="too_many", params={"most": MOST_WEIGHINGS})


class IdIsTaken(ValidationError):
    def __init__(self) -> None:
        super().__init__({"id": ValidationError(_("Choose another id."), code="id_taken")})


class AreGone(ValidationError):
    def __init__(self) -> None:
        super().__init__(_("They are gone. Take them back first."), code="grains_are_gone")


class HaveChanged(ValidationError):
    """Somebody, or one of their jars, changed what is shown of them since it was read."""

    def __init__(self) -> None:
        super().__init__(_("They have changed since you read it."), code="stale")


class NotHere(ValidationError):
    """Deleted by another window in this very moment."""

    def __init__(self) -> None:
        super().__init__(_("This was deleted meanwhile."), code="deleted")


@transaction.atomic
def keep(
    *,
    owner: User,
    now: datetime,
    grams: float | None = None,
    id: UUID | None = None,  # noqa: A002
    **filled: Any,
) -> Grains:
    """A new culture; with `grams`, its first weight. Without a name it is called what it is."""
    refuse_unknown(filled, EDITABLE)
    # Two at once count one after the other.
    owner = User.objects.select_for_update(no_key=True).get(pk=owner.pk)
    if id and Grains.objects.filter(pk=id).exists():
        raise IdIsTaken
    if Grains.objects.of(owner).count() >= MOST_GRAINS:
        raise TooManyGrains
    grains = Grains(id=id or uuid4(), owner=owner, created_at=now, **filled)
    grains.got_at = grains.got_at or now
    grains.name = grains.name.strip() or str(grains.get_culture_display())
    refuse_future(grains.got_at, "got_at", now)
    save(grains, now=now, is_new=True)
    if grams is not None:
        weigh(grains=grains, grams=grams, weighed_at=now, now=now)
    return grains


@transaction.atomic
def edit(
    *, grains: Grains, now: datetime, version: int | None = None, status: str | None = None, **changes: Any
) -> Grains:
    """Put right what was written down; with `status`, to the fridge, to work, or gone.

    With `version`, only if it is still the one that was read.
    """
    refuse_unknown(changes, EDITABLE)
    grains = unchanged(grains, version)
    for field, value in changes.items():
        setattr(grains, field, value)
    refuse_future(grains.got_at, "got_at", now)
    if status is not None:
        stand(grains, status, at=now)
    return save(grains, now=now)


@transaction.atomic
def rest(*, grains: Grains, now: datetime) -> Grains:
    """Into the fridge, on fresh food."""
    grains = locked(grains)
    if grains.is_gone:
        raise AreGone
    stand(grains, Grains.Status.IN_FRIDGE, at=now)
    return save(grains, now=now)


@transaction.atomic
def wake(*, grains: Grains, now: datetime) -> Grains:
    """Out of the fridge; or back from those that were thought gone."""
    grains = locked(grains)
    stand(grains, Grains.Status.ACTIVE, at=now)
    return save(grains, now=now)


@transaction.atomic
def feed(*, grains: Grains, now: datetime) -> Grains:
    """Fresh food, wherever they stand: the time until the next begins anew."""
    grains = locked(grains)
    if grains.is_gone:
        raise AreGone
    grains.fed_at = now
    return save(grains, now=now)


@transaction.atomic
def renew(*, grains: Grains, now: datetime) -> Grains:
    """New ones in the place of the old: what was learned from those counts half from now on."""
    grains = locked(grains)
    if grains.is_gone:
        raise AreGone
    grains.renewed_at = now
    return save(grains, now=now)


@transaction.atomic
def unrenew(*, grains: Grains, now: datetime) -> Grains:
    """They were the old ones after all."""
    grains = locked(grains)
    if grains.renewed_at is None:
        return grains
    grains.renewed_at = None
    return save(grains, now=now)


@transaction.atomic
def let_go(*, grains: Grains, now: datetime) -> Grains:
    """Died, eaten, given away. What they did stays written down."""
    grains = locked(grains)
    stand(grains, Grains.Status.GONE, at=now)
    return save(grains, now=now)


@transaction.atomic
def remove(*, grains: Grains, version: int | None = None) -> None:
    """With all weights, for good. The batches stay, made with nothing in particular."""
    # Batches first, as whoever moves one does.
    list(grains.batches.select_for_update().order_by("pk").values_list("pk", flat=True))
    unchanged(grains, version).delete()


@transaction.atomic
def weigh(
    *,
    grains: Grains,
    grams: float,
    now: datetime,
    weighed_at: datetime | None = None,
    id: UUID | None = None,  # noqa: A002
) -> Weighing:
    grains = locked(grains)
    if id and Weighing.objects.filter(pk=id).exists():
        raise IdIsTaken
    if grains.weighings.count() >= MOST_WEIGHINGS:
        raise TooManyWeighings
    refuse_future(weighed_at, "weighed_at", now)
    weighing = Weighing(
        id=id or uuid4(), grains=grains, grams=grams, weighed_at=weighed_at or now, created_at=now
    )
    weighing.full_clean(exclude=["grains"])
    weighing.save(force_insert=True)
    save(grains, now=now)
    return weighing


@transaction.atomic
def unweigh(*, weighing: Weighing, now: datetime) -> None:
    """Take back a weight that was wrong."""
    grains = locked(weighing.grains)
    weighing.delete()
    save(grains, now=now)


@transaction.atomic
def notice(*, now: datetime) -> int:
    """Has reminders planned for what came in without the verbs: from an archive, or from before there were such."""
    wanting = Grains.objects.unplanned().order_by("care_at").select_related("owner")
    found = list(wanting.select_for_update(of=("self",), no_key=True, skip_locked=True)[:NOTICED_AT_ONCE])
    for grains in found:
        ask_for_plan(grains, now=now)
        grains.save(update_fields=["told_at"])
    return len(found)


def ask_for_plan(grains: Grains, *, now: datetime) -> None:
    """Reminders are the upper app's, which does it as a job: it follows within a second."""
    grains.told_at = now
    work.enqueue(kind=PLAN, key=str(grains.pk), now=now, owner=grains.owner)


@transaction.atomic
def plan_anew(*, owner: User) -> None:
    """For all that came in without it: an archive tells what happened, not what is due."""
    for grains in Grains.objects.of(owner).alive().order_by("pk").select_for_update(no_key=True):
        wanted = grains.care()
        due_at = wanted.due_at if wanted else None
        if due_at != grains.care_at:
            grains.care_at, grains.version, grains.told_at = due_at, grains.version + 1, None
            grains.save(update_fields=["care_at", "version", "told_at"])


def replan_for_batch(*, batch: Batch, change: Change, **_kwargs: Any) -> None:
    """What they want next is counted from when a jar was started or strained. A new jar wakes them."""
    if change.what == What.EDITED and "grains" in change.fields:
        count_anew(ids=change.grains, now=change.now)
        return
    if batch.grains is None or change.what not in MOVING:
        return
    if change.what == What.EDITED and not change.fields & COUNTED_FROM:
        return
    grains = locked(batch.grains)
    if change.what == What.STARTED and grains.status == Grains.Status.IN_FRIDGE:
        stand(grains, Grains.Status.ACTIVE, at=change.now)
    if change.what == What.STARTED and batch.new_grains:
        grains.renewed_at = batch.started_at
    save(grains, now=change.now)


def count_anew(*, ids: Collection[UUID], now: datetime) -> None:
    """Of those whose jars are others now."""
    known = Grains.objects.filter(pk__in=ids).select_related("owner").order_by("pk")
    for one in known.select_for_update(of=("self",), no_key=True):
        save(one, now=now)


def stand(grains: Grains, status: str, *, at: datetime) -> None:
    if status == grains.status:
        return
    grains.status = status
    grains.in_fridge_at = at if status == Grains.Status.IN_FRIDGE else None
    grains.gone_at = at if status == Grains.Status.GONE else None
    if status == Grains.Status.ACTIVE:
        # Who takes them out gives them something; the hours until they starve begin here.
        grains.fed_at = at


def save(grains: Grains, *, now: datetime, is_new: bool = False) -> Grains:
    grains.updated_at = now
    grains.version += not is_new
    wanted = grains.care()
    due_at = wanted.due_at if wanted else None
    is_planned_anew = due_at != grains.care_at
    grains.care_at = due_at
    if is_planned_anew:
        ask_for_plan(grains, now=now)
    grains.full_clean(exclude=["owner"])
    grains.save(force_insert=is_new)
    return grains


def unchanged(grains: Grains, version: int | None) -> Grains:
    """Under lock, and still as it was read."""
    grains = locked(grains)
    if version is not None and version != grains.version:
        raise HaveChanged
    return grains


def locked(grains: Grains) -> Grains:
    """Re-read under lock. Raises NotHere where it was deleted meanwhile."""
    known = Grains.objects.select_for_update(of=("self",), no_key=True).select_related("owner")
    if fresh := known.filter(pk=grains.pk).first():
        return fresh
    raise NotHere
