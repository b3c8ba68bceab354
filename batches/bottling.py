"""Bottling day: what is in the jar goes into groups of bottles, and perhaps the next jar is started."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from batches import actions, grains
from batches.actions import BOTTLING, RECIPE, BatchIsArchived, MoveNotAllowed
from batches.cultures import Culture
from batches.models import Batch
from batches.naming import default_name
from batches.signals import What
from batches.stages import Place, Stage, Status, may_move

MOST_GROUPS = 12
IN_BOTTLES = Place(Stage.BOTTLED, Status.ACTIVE)
OF_A_GROUP = frozenset({*BOTTLING, "name", "fruits"})


class NoBottles(ValidationError):
    def __init__(self) -> None:
        super().__init__(
            {"groups": ValidationError(_("Name at least one group of bottles."), code="no_bottles")}
        )


class TooManyGroups(ValidationError):
    def __init__(self) -> None:
        sentence = _("At most %(most)s groups of bottles come from one jar.")
        error = ValidationError(sentence, code="too_many_groups", params={"most": MOST_GROUPS})
        super().__init__({"groups": error})


class NothingToWeigh(ValidationError):
    def __init__(self) -> None:
        sentence = _("This batch was made with no culture of yours. Say with which, then weigh it.")
        super().__init__({"grains_weigh_grams": ValidationError(sentence, code="no_grains")})


@dataclass(frozen=True)
class Bottled:
    groups: list[Batch]
    next_jar: Batch | None = None


@transaction.atomic
def bottle_groups(
    *,
    batch: Batch,
    groups: Sequence[Mapping[str, Any]],
    now: datetime,
    bottled_at: datetime | None = None,
    next_jar: Mapping[str, Any] | None = None,
    version: int | None = None,
    grains_weigh_grams: float | None = None,
) -> Bottled:
    """All or nothing. One group is the batch itself, now in bottles; of several, each is a batch whose parent is the
    jar, and the jar, which is empty then, is put away.

    `grains_weigh_grams` is what the culture that was strained off weighs now.

    A group may say its flavour (`fruits`), its `name` and what is in BOTTLING. `next_jar` starts another one by the
    same recipe, but for what it says itself.
    """
    jar = actions.unchanged(batch, version)
    refuse_unless_open(jar)
    refuse_odd_number(groups)
    at = bottled_at or now
    actions.refuse_future(at, "bottled_at", now)
    weigh_what_was_strained(jar, grains_weigh_grams, at=at, now=now)
    recipe = {field: getattr(jar, field) for field in RECIPE}
    if len(groups) == 1:
        bottled = [in_its_place("groups.0.", whole, jar=jar, group=groups[0], at=at, now=now)]
    else:
        bottled = [
            in_its_place(f"groups.{number}.", poured, jar=jar, group=group, at=at, now=now)
            for number, group in enumerate(groups)
        ]
        put_away_empty(jar, at=at, now=now)
    if next_jar is None:
        return Bottled(bottled)
    again = in_its_place(
        "next_jar.", actions.brew_again, batch=jar, owner=jar.owner, now=now, **(recipe | dict(next_jar))
    )
    return Bottled(bottled, again)


def weigh_what_was_strained(jar: Batch, grams: float | None, *, at: datetime, now: datetime) -> None:
    if grams is None:
        return
    if jar.grains is None:
        raise NothingToWeigh
    try:
        grains.weigh(grains=jar.grains, grams=grams, weighed_at=at, now=now)
    except ValidationError as refusal:
        raise ValidationError({"grains_weigh_grams": sum(refusal.error_dict.values(), [])}) from refusal  # noqa: RUF017 few


def refuse_unless_open(jar: Batch) -> None:
    if jar.is_archived:
        raise BatchIsArchived
    if not may_move(jar.place, IN_BOTTLES):
        raise MoveNotAllowed(jar.place, IN_BOTTLES)


def refuse_odd_number(groups: Sequence[Mapping[str, Any]]) -> None:
    if not groups:
        raise NoBottles
    if len(groups) > MOST_GROUPS:
        raise TooManyGroups


def in_its_place(place: str, verb: Any, **context: Any) -> Any:
    """What is refused is named by where it stands among the rest, such as `groups.1.bottle_count`."""
    try:
        return verb(**context)
    except ValidationError as refusal:
        if not hasattr(refusal, "error_dict"):
            raise
        raise ValidationError(
            {
                name if name in {"bottled_at", NON_FIELD_ERRORS} else place + name: errors
                for name, errors in refusal.error_dict.items()
            }
        ) from refusal


def whole(*, jar: Batch, group: Mapping[str, Any], at: datetime, now: datetime) -> Batch:
    """The jar's batch goes on in its bottles."""
    actions.refuse_unknown(group, OF_A_GROUP)
    return actions.revise(batch=jar, now=now, stage=Stage.BOTTLED, bottled_at=at, **group)


def poured(*, jar: Batch, group: Mapping[str, Any], at: datetime, now: datetime) -> Batch:
    """A batch of its own, which remembers how the jar stood."""
    actions.refuse_unknown(group, OF_A_GROUP)
    batch = Batch(owner=jar.owner, parent=jar, started_at=jar.started_at, created_at=now, updated_at=now)
    for field, value in {**recipe_for(jar, group), **group}.items():
        setattr(batch, field, value)
    batch.stage, batch.status, batch.bottled_at = Stage.BOTTLED, Status.ACTIVE, at
    batch.sensed = remembered(jar)
    batch.name = batch.name.strip() or name_of(batch, jar)
    batch.full_clean()
    batch.save(force_insert=True)
    actions.announce(batch, What.STARTED, before=batch.place, happened_at=at, now=now)
    actions.announce(batch, What.MOVED, before=jar.place, happened_at=at, now=now)
    return batch


def recipe_for(jar: Batch, group: Mapping[str, Any]) -> dict[str, Any]:
    """As much of all as its bottles hold, so that what is in a litre stays true."""
    recipe = {field: getattr(jar, field) for field in RECIPE}
    held = (group.get("bottle_count") or 0) * (group.get("bottle_volume_ml") or 0)
    if not held:
        # Sugar for a part of the jar, counted on all of it, would seem less than it is.
        unknown = ("water_volume_ml", "sugar_grams", "grains_grams") if group.get("added_sugar_grams") else ()
        return recipe | dict.fromkeys(unknown)
    share = held / jar.water_volume_ml if jar.water_volume_ml else None
    parts = {field: scaled(recipe[field], share) for field in ("sugar_grams", "grains_grams")}
    return recipe | parts | {"water_volume_ml": max(50, min(200_000, held))}


def scaled(grams: float | None, share: float | None) -> float | None:
    return round(grams * share, 1) if grams is not None and share is not None else None


def remembered(jar: Batch) -> list[dict[str, Any]]:
    """How warm the jar stood: what the rules ask a batch's own timeline for."""
    warmths = [
        {"at": reading.at.isoformat(), "temperature_c": reading.temperature_c, "source": "jar"}
        for reading in jar.facts().readings
        if reading.temperature_c is not None
    ]
    return sorted(warmths, key=lambda told: str(told["at"]))[-actions.MOST_SENSED :]


def name_of(batch: Batch, jar: Batch) -> str:
    if not batch.fruits or batch.fruits == jar.fruits:
        return jar.name
    return default_name(
        culture=str(Culture(batch.culture).label),
        fruits=batch.fruits,
        day=batch.bottled_at.astimezone(ZoneInfo(jar.owner.timezone)).date(),  # type: ignore[union-attr]
        longest=100,
    )


def put_away_empty(jar: Batch, *, at: datetime, now: datetime) -> None:
    """It was ready, or it would not have been strained."""
    before = jar.place
    jar.ready_at, jar.in_fridge_at = at, None
    jar.status_before_archive, jar.status, jar.archived_at = Status.READY, Status.ARCHIVED, now
    actions.apply(jar, {}, now=now)
    actions.announce(jar, What.ARCHIVED, before=before, happened_at=at, now=now)
