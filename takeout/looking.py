"""Looks through all of an archive before anything of it is written: every line is read, every reference found."""

import hashlib
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from events.kinds import Kind
from reminders.bounds import MOST_WAITING
from reminders.models import Reminder
from takeout import pictures
from takeout.contents import (
    BATCHES,
    CONTENTS,
    EVENTS,
    GRAINS,
    PHOTOS,
    READINGS,
    REMINDERS,
    SENSORS,
    Content,
    picture_of,
)
from takeout.lines import values_of
from takeout.refusals import Complaint, RowsAreWrong, StrangeMember, TooManyWait, TooMuch
from takeout.unpacking import Archive

MOST_COMPLAINTS = 20
MOST_ROWS = 2_000_000
TOLD_EVERY = 1_000

Values = dict[str, Any]
Row = tuple[int, Values]


@dataclass
class Look:
    """What looking through an archive has shown so far."""

    now: datetime
    complaints: list[Complaint] = field(default_factory=list)
    batches: set[str] = field(default_factory=set)
    parents: dict[str, int] = field(default_factory=dict)
    # Those of a photo, and whose timeline they stand on.
    events: dict[uuid.UUID, str] = field(default_factory=dict)
    sensors: set[uuid.UUID] = field(default_factory=set)
    grains: set[uuid.UUID] = field(default_factory=set)
    pictures: set[str] = field(default_factory=set)
    waiting: int = 0
    rows: int = 0

    def complain(self, content: Content, number: int, name: str, error: ValidationError) -> None:
        for one in error.error_list:
            where = _("%(member)s, line %(number)s") % {"member": content.member, "number": number}
            self.complaints.append(Complaint(where, name, one.code or "invalid", " ".join(one.messages)))
        if len(self.complaints) >= MOST_COMPLAINTS:
            raise RowsAreWrong(self.complaints[:MOST_COMPLAINTS])


def check(archive: Archive, *, now: datetime, told: Callable[[int, int], None]) -> None:
    """Raises NotTaken."""
    look, total = Look(now), sum(archive.count(content) for content in CONTENTS)
    for content in CONTENTS:
        seen: set[bytes] = set()
        for number, values in rows_of(archive, content, look):
            count(look, lambda done: told(done, total))
            check_row(content, number, values, look, seen)
            if content is PHOTOS:
                check_picture(archive, number, values, look)
    for parent, number in look.parents.items():
        if parent not in look.batches:
            look.complain(BATCHES, number, "parent", unknown())
    if look.complaints:
        raise RowsAreWrong(look.complaints)
    if strange := archive.pictures - look.pictures:
        raise StrangeMember(min(strange))


def count(look: Look, told: Callable[[int], None]) -> None:
    look.rows += 1
    if look.rows > MOST_ROWS:
        raise TooMuch
    if look.rows % TOLD_EVERY == 0:
        told(look.rows)


def rows_of(archive: Archive, content: Content, look: Look) -> Iterator[Row]:
    for number, line in archive.lines(content):
        try:
            if line is None:
                raise ValidationError(_("This is no line of JSON."), code="invalid_json")
            yield number, values_of(content, line, now=look.now)
        except ValidationError as error:
            by_name = error.error_dict if hasattr(error, "error_dict") else {"": error.error_list}
            for name, errors in by_name.items():
                look.complain(content, number, name, ValidationError(errors))


def check_row(content: Content, number: int, values: Values, look: Look, seen: set[bytes]) -> None:
    if (name := fingerprint(content, values)) in seen:
        look.complain(content, number, "id", ValidationError(_("This is there twice."), code="unique"))
    seen.add(name)
    remember(content, number, values, look)
    if values.get("batch_id") and values["batch_id"] not in look.batches:
        look.complain(content, number, "batch", unknown())
    if values.get("sensor_id") and values["sensor_id"] not in look.sensors:
        look.complain(content, number, "sensor", unknown())
    if values.get("grains_id") and values["grains_id"] not in look.grains:
        look.complain(content, number, "grains", unknown())
    if content is PHOTOS and look.events.pop(values["event_id"], None) != values["batch_id"]:
        look.complain(content, number, "event", unknown())


def remember(content: Content, number: int, values: Values, look: Look) -> None:
    """What others may refer to."""
    if content is BATCHES:
        look.batches.add(values["id"])
        if values["parent_id"]:
            look.parents[values["parent_id"]] = number
    if content is EVENTS and values["kind"] == Kind.PHOTO:
        look.events[values["id"]] = values["batch_id"]
    if content is SENSORS:
        look.sensors.add(values["id"])
    if content is GRAINS:
        look.grains.add(values["id"])
    if content is REMINDERS and values["status"] == Reminder.Status.WAITING:
        look.waiting += 1
        if look.waiting > MOST_WAITING:
            raise TooManyWait


def check_picture(archive: Archive, number: int, values: Values, look: Look) -> None:
    line = line_of(values)
    look.pictures.add(picture_of(line))
    try:
        pictures.judge(line, archive.picture(line))
    except ValidationError as error:
        look.complain(PHOTOS, number, "", ValidationError(error.error_list))


def line_of(photo: Values) -> dict[str, Any]:
    return {
        "id": str(photo["id"]), "contentType": photo["content_type"], "sizeBytes": photo["size_bytes"]
    }  # fmt: skip


def identity(content: Content, values: Values) -> Any:
    if content is READINGS:
        return values["sensor_id"], values["measured_at"], values["device_time"]
    return values.get("id") or values.get("device_id") or values.get("email")


def fingerprint(content: Content, values: Values) -> bytes:
    """Of two million rows these take 200 MB, where what they stand for takes 500."""
    return hashlib.blake2b(repr(identity(content, values)).encode(), digest_size=16).digest()


def unknown() -> ValidationError:
    return ValidationError(_("There is no such one in this archive."), code="does_not_exist")
