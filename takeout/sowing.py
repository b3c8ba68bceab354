"""Starts the batches of a table by the verbs, so that each is what it would be had somebody typed it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import units
from accounts.models import User
from batches import actions as batches
from batches.actions import BOTTLING
from batches.models import Batch
from batches.stages import Stage, Status
from takeout.refusals import Complaint, RowsAreWrong
from takeout.tables import PLACE, Table, fresh_rows, to_the_second

SHOWN = 8


def foreseen(table: Table, user: User) -> dict[str, Any]:
    """What would happen, for its reader."""
    fresh = list(fresh_rows(table, known_to(user)))
    return {
        "columns": [
            {
                "heading": one.heading,
                "field": one.field,
                "label": label_of(one.field),
                "unit": one.unit.symbol if one.unit else "",
            }
            for one in table.columns
        ],
        "ignored": table.ignored,
        "fresh": len(fresh),
        "known": len(table.rows) - len(fresh),
        "others": table.others,
        "sample": [
            {"line": number, "name": values.get("name", ""), "told": told(values, user)}
            for number, values in fresh[:SHOWN]
        ],
    }


def told(values: Mapping[str, Any], user: User) -> str:
    """“culture kombucha, sugar grams 80”."""
    shown = {name: value for name, value in values.items() if name not in {"name", "notes"}}
    return ", ".join(f"{label_of(name)} {in_words(value, user)}" for name, value in shown.items())


def label_of(name: str) -> str:
    return str(getattr(Batch._meta.get_field(name), "verbose_name", name))


def in_words(value: Any, user: User) -> str:
    match value:
        case datetime():
            return f"{value.astimezone(user.zone):%Y-%m-%d %H:%M}"
        case float():
            return units.number(value)
        case list():
            return " & ".join(value)
        case _:
            return str(value)


def known_to(user: User) -> set[tuple[str, datetime]]:
    mine = Batch.objects.of(user).values_list("name", "started_at")
    return {(name, to_the_second(at)) for name, at in mine}


@transaction.atomic
def sow(table: Table, *, user: User, now: datetime) -> int:
    """All of them or none; raises RowsAreWrong, with the line."""
    fresh = list(fresh_rows(table, known_to(user)))
    for number, values in fresh:
        try:
            plant(values, user=user, now=now)
        except ValidationError as error:
            complaint = Complaint(
                _("line %(number)s") % {"number": number},
                "",
                first_of(error).code or "invalid",
                error.messages[0],
            )
            raise RowsAreWrong([complaint]) from error
    return len(fresh)


def first_of(error: ValidationError) -> ValidationError:
    found: ValidationError = (
        next(iter(error.error_dict.values()))[0] if hasattr(error, "error_dict") else error.error_list[0]
    )
    return found


def plant(values: dict[str, Any], *, user: User, now: datetime) -> None:
    """Started, and then moved to where it says it stands."""
    bottling = {name: values[name] for name in BOTTLING if name in values}
    place = {name: values[name] for name in PLACE if name in values}
    filled = {name: value for name, value in values.items() if name not in {*BOTTLING, *PLACE}}
    batch = batches.start(owner=user, now=now, **filled)
    if place.get("stage") == Stage.BOTTLED or "bottled_at" in place:
        at = place.get("bottled_at") or batch.started_at
        batch = batches.move(batch=batch, now=now, stage=Stage.BOTTLED, bottled_at=at, **bottling)
    if place.get("status", Status.ACTIVE) != Status.ACTIVE:
        batches.move(batch=batch, now=now, status=place["status"])
