"""Starts the batches of a table by the verbs, so that each is what it would be had somebody typed it."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from batches import actions as batches
from batches.actions import BOTTLING
from batches.models import Batch
from batches.stages import Stage, Status
from takeout import foreseeing
from takeout.refusals import RowsAreWrong
from takeout.tables import MOST_COMPLAINTS, PLACE, Table, fresh_rows, say, to_the_second

Sown = list[tuple[int, dict[str, Any], Batch]]


def rehearse(table: Table, *, user: User, now: datetime) -> dict[str, Any]:
    """What would happen, for its reader: it is done, looked at, and all of it taken back. Raises RowsAreWrong."""
    with transaction.atomic():
        foreseen = foreseeing.foreseen(table, sow(table, user=user, now=now), user)
        transaction.set_rollback(True)
        return foreseen


@transaction.atomic
def sow(table: Table, *, user: User, now: datetime) -> Sown:
    """All of them or none; raises RowsAreWrong, with what is wrong by line."""
    sown: Sown = []
    for number, values in list(fresh_rows(table, known_to(user))):
        try:
            with transaction.atomic():
                sown.append((number, values, plant(values, user=user, now=now)))
        except ValidationError as error:
            complain(table, number, error)
        if len(table.complaints) >= MOST_COMPLAINTS:
            break
    if table.complaints:
        raise RowsAreWrong(table.complaints)
    return sown


def known_to(user: User) -> set[tuple[str, datetime]]:
    mine = Batch.objects.of(user).values_list("name", "started_at")
    return {(name, to_the_second(at)) for name, at in mine}


def complain(table: Table, number: int, refusal: ValidationError) -> None:
    headings = {column.field: column.heading for column in table.columns}
    by_name = refusal.error_dict if hasattr(refusal, "error_dict") else {"": refusal.error_list}
    for name, errors in by_name.items():
        for one in errors:
            say(table, number, headings.get(name, ""), one.code or "invalid", " ".join(one.messages))


def plant(values: dict[str, Any], *, user: User, now: datetime) -> Batch:
    """Started, and then moved to where it says it stands."""
    bottling = {name: values[name] for name in BOTTLING if name in values}
    place = {name: values[name] for name in PLACE if name in values}
    filled = {name: value for name, value in values.items() if name not in {*BOTTLING, *PLACE}}
    batch = batches.start(owner=user, now=now, **filled)
    if place.get("stage") == Stage.BOTTLED or "bottled_at" in place:
        at = place.get("bottled_at") or batch.started_at
        batch = batches.move(batch=batch, now=now, stage=Stage.BOTTLED, bottled_at=at, **bottling)
    if place.get("status", Status.ACTIVE) != Status.ACTIVE:
        batch = batches.move(batch=batch, now=now, status=place["status"])
    return batch
