"""What a press of a button did can be taken back for an hour: the rows that it changed are noted as they were.

Not a second set of verbs: each row is read before and after, and what differs is kept. Taking it back writes exactly
that, and only where nobody has written since.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from batches import actions, grains, rows
from batches.grain_models import Grains
from batches.models import Batch, Tombstone, Undo
from batches.rows import Image, Key
from batches.signals import What
from work import actions as work

Result = TypeVar("Result")

FOR = timedelta(hours=1)
KEPT_FOR = timedelta(days=1)
FORGOTTEN_AT_ONCE = 5_000
OF_A_BATCH, OF_GRAINS = Batch._meta.label, Grains._meta.label
OF_A_REMINDER, OF_A_TAG = "reminders.Reminder", "tags.JarTag"
# By the reverse accessors' names, since most are upper apps'.
WRITTEN_BY_DEEDS = {OF_A_BATCH: ("children", "events", "reminders"), OF_GRAINS: ("weighings", "reminders")}
# As the verbs lock them.
IN_ORDER = ("sensors.Sensor", OF_A_BATCH, OF_GRAINS, OF_A_TAG)
# What went on its own way since keeps nobody from taking back the rest.
ON_THEIR_OWN = {OF_A_REMINDER, OF_A_TAG}
# The engine's own, what every write changes, and what follows from the rest: no news.
FLEETING = {
    *("version", "updated_at", "leased_until", "claims", "attempts", "again_at"),
    *("care_at", "told_at", "moved_at", "silent_at", "told_silent_at"),
}
# What of a batch tells its culture something.
TELLS_GRAINS = {
    "grains_id",
    "started_at",
    "bottled_at",
    "ready_at",
    "archived_at",
    "temperature_c",
    "stage",
    "status",
}
# The kind of job that has reminders of cultures, which are as they were, told all the same.
TAKE_UP = "reminders_take_up"


class TooLate(ValidationError):
    def __init__(self) -> None:
        super().__init__(_("That was more than an hour ago: it stays."), code="too_late")


class ChangedSince(ValidationError):
    def __init__(self) -> None:
        sentence = _("Something has changed since, so this cannot be taken back any more.")
        super().__init__(sentence, code="changed_since")


class Undoable(Generic[Result]):
    """A verb that, once called, can be taken back: `undo` says by what.

    `of` is what it is done to: a batch, a culture, or what is in a batch. `also` are rows beside it and its reminders
    that it may change or remove.
    """

    def __init__(
        self, verb: Callable[..., Result], *, of: models.Model, also: Iterable[models.Model | None] = ()
    ) -> None:
        self.verb, self.of = verb, of
        self.also = [row for row in also if row is not None]
        self.undo: Undo | None = None

    @transaction.atomic
    def __call__(self, *, now: datetime, **context: Any) -> Result:
        given = [value for value in context.values() if isinstance(value, models.Model)]
        hold(map(Key.of, [*with_its_culture(self.of), *self.also, *given]))
        of = fresh(self.of)
        about = [fresh(one) for one in with_its_culture(of)]
        before = dict(rows.images(at_stake(about, self.also, now)))
        there = set(written(about, now))
        result = self.verb(now=now, **context)
        made = [key for key in written(about, now) if key not in before.keys() | there]
        after = dict(rows.images([*before, *made]))
        if changes := list(differences(before, after)):
            batch = of if isinstance(of, Batch) else getattr(of, "batch", None) or context.get("batch")
            self.undo = Undo(owner_id=of.owner_id, batch=batch, made_at=now, changes=changes)
            self.undo.save(force_insert=True)
        return result


def hold(keys: Iterable[Key]) -> None:
    """Locks what verbs lock, in their order: nobody writes between what is read and what is written."""
    held = list(keys)
    for label in IN_ORDER:
        if ids := [key.id for key in held if key.model == label]:
            known = apps.get_model(label)._base_manager.filter(pk__in=ids).order_by("pk")
            list(known.select_for_update().values_list("pk"))


def fresh(row: models.Model) -> Any:
    """Where it was deleted meanwhile, the verb says so."""
    return type(row)._base_manager.filter(pk=row.pk).first() or row


def with_its_culture(of: models.Model) -> Iterator[models.Model]:
    """What is planned, weighed and woken along with it."""
    yield of
    if isinstance(of, Batch) and of.grains_id:
        yield Grains(pk=of.grains_id)


def at_stake(about: Sequence[models.Model], also: Iterable[models.Model], now: datetime) -> Iterator[Key]:
    yield from map(Key.of, [*about, *also])
    for one in about:
        if isinstance(one, Batch | Grains):
            reminders: Any = getattr(one, "reminders")  # noqa: B009 an upper app's
            yield from map(Key.of, reminders.in_play(since=now - FOR).only("pk"))
        if isinstance(one, Batch):
            tags: Any = apps.get_model(OF_A_TAG)._default_manager
            yield from map(Key.of, tags.filter(Q(batch=one) | Q(last_batch=one)).only("pk"))


def written(about: Iterable[models.Model], now: datetime) -> Iterator[Key]:
    """What is new at this very moment."""
    for one in about:
        for accessor in WRITTEN_BY_DEEDS.get(one._meta.label, ()):
            yield from map(Key.of, getattr(one, accessor).filter(created_at=now).only("pk"))


@contextmanager
def beside_the_deed(culture: Grains, *, now: datetime) -> Iterator[None]:
    """What a job plans for a culture because of a deed is taken back with that."""
    undo = deed_of(culture.owner, culture.told_at)
    before = dict(rows.images(at_stake([culture], (), now))) if undo else {}
    yield
    if undo is None:
        return
    after = dict(rows.images([*before, *(key for key in written([culture], now) if key not in before)]))
    known = {change["id"] for change in undo.changes}
    undo.changes += [
        change
        for change in differences(before, after)
        if change["model"] == OF_A_REMINDER and change["id"] not in known
    ]
    undo.save(update_fields=["changes"])


def deed_of(owner: User, made_at: datetime | None) -> Undo | None:
    """A job is asked for in the moment of what makes it necessary."""
    if made_at is None:
        return None
    return Undo.objects.of(owner).filter(made_at=made_at, taken_back_at=None).select_for_update().first()


def differences(before: dict[Key, Image], after: dict[Key, Image]) -> Iterator[dict[str, Any]]:
    for key in {**before, **after}:
        old, new = before.get(key), after.get(key)
        if old is not None and new is not None:
            changed = [name for name in old if old[name] != new[name] and name not in FLEETING]
            old, new = {name: old[name] for name in changed}, {name: new[name] for name in changed}
        if old != new:
            yield {"model": key.model, "id": key.id, "before": old, "after": new}


@transaction.atomic
def take_back(*, undo: Undo, now: datetime) -> None:
    """All is as it was. Asked twice, it is done once."""
    concerned = cultures_in(undo.changes)
    batches = [Key(OF_A_BATCH, undo.batch_id)] if undo.batch_id else []
    hold([*keys_of(undo.changes), *batches, *(Key(OF_GRAINS, str(id_)) for id_ in concerned)])
    undo = Undo.objects.select_for_update(of=("self",)).select_related("batch", "owner").get(pk=undo.pk)
    if undo.taken_back_at:
        return
    if now > undo.made_at + FOR:
        raise TooLate
    changes = still_so(undo)
    try:
        with transaction.atomic():
            for change in reversed(changes):
                put_back(change)
            # What it refers to may be gone, which would be said at the end, to nobody.
            connection.check_constraints()
    except IntegrityError as error:
        raise ChangedSince from error
    forget_deletion_of([change["id"] for change in changes if change["after"] is None])
    undo.taken_back_at = now
    undo.save(update_fields=["taken_back_at"])
    grains.count_anew(ids=concerned, now=now)
    if concerned or undo.batch is None:
        ask_to_take_up(undo, changes, now=now)
    if undo.batch:
        tell(undo.batch, changes, now=now)


def keys_of(changes: Iterable[dict[str, Any]]) -> Iterator[Key]:
    return (Key(change["model"], change["id"]) for change in changes)


def cultures_in(changes: Iterable[dict[str, Any]]) -> set[UUID]:
    """Those of which something else is so again, themselves or in a jar."""
    ids, jars = set(), set()
    for change in changes:
        images = [image for image in (change["before"], change["after"]) if image]
        if change["model"] == OF_GRAINS:
            ids.add(change["id"])
        elif change["model"] == OF_A_BATCH and any(TELLS_GRAINS & image.keys() for image in images):
            jars.add(change["id"])
            ids |= {image["grains_id"] for image in images if image.get("grains_id")}
        elif change["model"] == "batches.Weighing":
            ids |= {image["grains_id"] for image in images if image.get("grains_id")}
    made_with = Batch.objects.filter(pk__in=jars, grains__isnull=False).values_list("grains_id", flat=True)
    return {UUID(str(id_)) for id_ in [*ids, *made_with]}


def still_so(undo: Undo) -> list[dict[str, Any]]:
    """The changes nobody has written over. A reminder that went on its own way meanwhile is left alone."""
    now_there = dict(rows.images(keys_of(undo.changes)))
    unchanged = [change for change in undo.changes if is_as_left(change, now_there, undo)]
    lost = [change for change in undo.changes if change not in unchanged]
    if not unchanged or any(change["model"] not in ON_THEIR_OWN for change in lost):
        raise ChangedSince
    return unchanged


def is_as_left(change: dict[str, Any], now_there: dict[Key, Image], undo: Undo) -> bool:
    image = now_there.get(Key(change["model"], change["id"]))
    if change["after"] is None or image is None:
        return change["after"] is None and image is None
    if change["before"] is None and change["model"] == OF_A_BATCH and has_gone_on(change["id"], undo.made_at):
        return False
    return all(image[name] == value for name, value in change["after"].items() if name not in FLEETING)


def has_gone_on(batch_id: str, made_at: datetime) -> bool:
    """Something was written down of a batch since it was made."""
    batch = Batch.objects.get(pk=batch_id)
    return batch.events.filter(~Q(created_at=made_at)).exists()


def put_back(change: dict[str, Any]) -> None:
    key = Key(change["model"], change["id"])
    if change["before"] is None:
        apps.get_model(key.model)._default_manager.filter(pk=key.id).delete()
    elif change["after"] is None:
        rows.insert(key, change["before"])
    else:
        rows.update(key, change["before"])


def forget_deletion_of(ids: list[str]) -> None:
    """An app that asks what is gone must not be told of what is back."""
    if ids:
        Tombstone.objects.filter(thing_id__in=ids).delete()


def ask_to_take_up(undo: Undo, changes: Iterable[dict[str, Any]], *, now: datetime) -> None:
    """Reminders of cultures are the upper app's, which does it as a job."""
    if ids := [change["id"] for change in changes if change["model"] == OF_A_REMINDER]:
        work.enqueue(kind=TAKE_UP, key=str(undo.pk), now=now, payload={"reminders": ids}, owner=undo.owner)


def tell(batch: Batch, changes: Iterable[dict[str, Any]], *, now: datetime) -> None:
    """The batch is as it was; if it was changed, with a version of its own: nobody's copy may pass for it."""
    before, touched = batch.place, frozenset(str(change["id"]) for change in changes)
    batch = actions.locked(batch)
    if batch.pk in touched:
        actions.apply(batch, {}, now=now)
    actions.announce(batch, What.TAKEN_BACK, before=before, happened_at=now, now=now, fields=touched)


def forget(*, now: datetime) -> int:
    """What can be taken back no more."""
    old = Undo.objects.filter(made_at__lt=now - KEPT_FOR).values_list("pk", flat=True)[:FORGOTTEN_AT_ONCE]
    forgotten, _models = Undo.objects.filter(pk__in=list(old)).delete()
    return forgotten
