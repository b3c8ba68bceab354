"""What a press of a button did can be taken back for an hour: the rows that it changed are noted as they were.

Not a second set of verbs: each row is read before and after, and what differs is kept. Taking it back writes exactly
that, and only where nobody has written since.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from batches import actions, rows
from batches.models import Batch, Tombstone, Undo
from batches.rows import Image, Key
from batches.signals import What

Result = TypeVar("Result")

FOR = timedelta(hours=1)
KEPT_FOR = timedelta(days=1)
FORGOTTEN_AT_ONCE = 5_000
# By the reverse accessors' names: all but the first are upper apps'.
WRITTEN_BY_DEEDS = ("children", "events", "reminders")
OF_A_BATCH = Batch._meta.label
# The engine's own, or what every write changes: no news.
FLEETING = {"version", "updated_at", "leased_until", "claims", "attempts", "again_at"}


class TooLate(ValidationError):
    def __init__(self) -> None:
        super().__init__(_("That was more than an hour ago: it stays."), code="too_late")


class ChangedSince(ValidationError):
    def __init__(self) -> None:
        sentence = _("Something has changed since, so this cannot be taken back any more.")
        super().__init__(sentence, code="changed_since")


class Undoable(Generic[Result]):
    """A verb that, once called, can be taken back: `undo` says by what.

    `also` are rows beside the batch and its reminders that it may change or remove.
    """

    def __init__(
        self, verb: Callable[..., Result], *, of: Batch, also: Iterable[models.Model | None] = ()
    ) -> None:
        self.verb, self.batch = verb, of
        self.also = [row for row in also if row is not None]
        self.undo: Undo | None = None

    @transaction.atomic
    def __call__(self, *, now: datetime, **context: Any) -> Result:
        batch = actions.locked(self.batch)
        before, there = dict(rows.images(self.at_stake(batch, now))), set(written(batch, now))
        result = self.verb(now=now, **context)
        made = [key for key in written(batch, now) if key not in before.keys() | there]
        after = dict(rows.images([*before, *made]))
        changes = list(differences(before, after))
        if changes:
            self.undo = Undo(owner=batch.owner, batch=batch, made_at=now, changes=changes)
            self.undo.save(force_insert=True)
        return result

    def at_stake(self, batch: Batch, now: datetime) -> Iterator[Key]:
        yield Key(OF_A_BATCH, batch.pk)
        yield from map(Key.of, self.also)
        yield from (Key.of(row) for row in batch.reminders.in_play(since=now - FOR).only("pk"))


def written(batch: Batch, now: datetime) -> Iterator[Key]:
    """What is new at this very moment."""
    for accessor in WRITTEN_BY_DEEDS:
        yield from map(Key.of, getattr(batch, accessor).filter(created_at=now).only("pk"))


def differences(before: dict[Key, Image], after: dict[Key, Image]) -> Iterator[dict[str, Any]]:
    for key in {**before, **after}:
        old, new = before.get(key), after.get(key)
        if old is not None and new is not None:
            changed = [name for name in old if old[name] != new[name] and name not in FLEETING]
            old, new = {name: old[name] for name in changed}, {name: new[name] for name in changed}
        if old != new:
            yield {"model": key.model, "id": key.id, "before": old, "after": new}


@transaction.atomic
def take_back(*, undo: Undo, now: datetime) -> Batch:
    """All is as it was. Asked twice, it is done once."""
    batch = actions.locked(undo.batch)
    undo = Undo.objects.select_for_update().get(pk=undo.pk)
    if undo.taken_back_at:
        return batch
    if now > undo.made_at + FOR:
        raise TooLate
    changes = still_so(undo)
    try:
        with transaction.atomic():
            for change in reversed(changes):
                put_back(change)
    except IntegrityError as error:
        raise ChangedSince from error
    forget_deletion_of([change["id"] for change in changes if change["after"] is None])
    undo.taken_back_at = now
    undo.save(update_fields=["taken_back_at"])
    return told_of(batch, changes, now=now)


def still_so(undo: Undo) -> list[dict[str, Any]]:
    """The changes nobody has written over. A reminder that went on its own way meanwhile is left alone."""
    now_there = dict(rows.images(Key(change["model"], change["id"]) for change in undo.changes))
    unchanged = [change for change in undo.changes if is_as_left(change, now_there, undo)]
    lost = [change for change in undo.changes if change not in unchanged]
    if not unchanged or any(change["model"] != "reminders.Reminder" for change in lost):
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


def told_of(batch: Batch, changes: list[dict[str, Any]], *, now: datetime) -> Batch:
    """The batch as it is again; if it was changed, with a version of its own: nobody's copy may pass for it."""
    before, touched = batch.place, frozenset(str(change["id"]) for change in changes)
    batch = Batch.objects.get(pk=batch.pk)
    if batch.pk in touched:
        actions.apply(batch, {}, now=now)
    actions.announce(batch, What.TAKEN_BACK, before=before, happened_at=now, now=now, fields=touched)
    return batch


def forget(*, now: datetime) -> int:
    """What can be taken back no more."""
    old = Undo.objects.filter(made_at__lt=now - KEPT_FOR).values_list("pk", flat=True)[:FORGOTTEN_AT_ONCE]
    forgotten, _models = Undo.objects.filter(pk__in=list(old)).delete()
    return forgotten
