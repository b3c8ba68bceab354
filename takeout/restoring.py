"""Takes what an archive holds into an account: what is there already stays as it is, the rest comes as it was.

Names are kept where they are free. Where somebody else has one, the row gets another, made of its owner and the old
name, so that the same archive taken in twice finds it again.
"""

import hashlib
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction

from accounts import secrets
from accounts.models import Device, User
from batches.identifiers import ALPHABET, LENGTH
from batches.models import Batch, Tombstone
from events.models import Event
from reminders.models import Reminder
from sensors.models import Reading, Sensor
from takeout.contents import (
    BATCHES,
    CONTENTS,
    DEVICES,
    EVENTS,
    PROFILE,
    READINGS,
    REMINDERS,
    SENSORS,
    Content,
)
from takeout.lines import values_of
from takeout.refusals import Complaint, RowsAreWrong, TooMuch
from takeout.unpacking import Archive

CHUNK = 500
MOST_COMPLAINTS = 20
MOST_ROWS = 500_000
# What fell due longer ago, while nobody was told of it, is not told of now.
STALE_AFTER = timedelta(days=1)

Values = dict[str, Any]
Row = tuple[int, Values]


@dataclass
class Look:
    """What looking through an archive has shown so far."""

    now: datetime
    complaints: list[Complaint] = field(default_factory=list)
    batches: set[str] = field(default_factory=set)
    sensors: set[uuid.UUID] = field(default_factory=set)
    parents: dict[str, int] = field(default_factory=dict)
    rows: int = 0

    def complain(self, content: Content, number: int, name: str, error: ValidationError) -> None:
        for one in error.error_list:
            where = f"{content.member}, line {number}"
            self.complaints.append(Complaint(where, name, one.code or "invalid", " ".join(one.messages)))
        if len(self.complaints) >= MOST_COMPLAINTS:
            raise RowsAreWrong(self.complaints[:MOST_COMPLAINTS])


# --- read ---------------------------------------------------------------------------------------------------


def check(archive: Archive, *, now: datetime, told: Callable[[int, int], None]) -> None:
    """Every line is read, and every reference found, before anything is written. Raises RowsAreWrong."""
    look = Look(now)
    total = sum(archive.count(content) for content in CONTENTS)
    for content in CONTENTS:
        seen: set[Any] = set()
        for number, values in rows_of(archive, content, look):
            check_row(content, number, values, look, seen)
            look.rows += 1
            if look.rows % 1000 == 0:
                told(look.rows, total)
    for parent, number in look.parents.items():
        if parent not in look.batches:
            look.complain(BATCHES, number, "parent", unknown())
    if look.complaints:
        raise RowsAreWrong(look.complaints)


def rows_of(archive: Archive, content: Content, look: Look) -> Iterator[Row]:
    for number, line in archive.lines(content):
        try:
            if line is None:
                raise ValidationError("This is no line of JSON.", code="invalid_json")
            yield number, values_of(content, line, now=look.now)
        except ValidationError as error:
            by_name = error.error_dict if hasattr(error, "error_dict") else {"": error.error_list}
            for name, errors in by_name.items():
                look.complain(content, number, name, ValidationError(errors))


def check_row(content: Content, number: int, values: Values, look: Look, seen: set[Any]) -> None:
    if look.rows >= MOST_ROWS:
        raise TooMuch
    if (name := identity(content, values)) in seen:
        look.complain(content, number, "id", ValidationError("This is there twice.", code="unique"))
    seen.add(name)
    if content is BATCHES:
        look.batches.add(values["id"])
        if values["parent_id"]:
            look.parents[values["parent_id"]] = number
    if content is SENSORS:
        look.sensors.add(values["id"])
    if values.get("batch_id") and values["batch_id"] not in look.batches:
        look.complain(content, number, "batch", unknown())
    if values.get("sensor_id") and values["sensor_id"] not in look.sensors:
        look.complain(content, number, "sensor", unknown())


def identity(content: Content, values: Values) -> Any:
    if content is READINGS:
        return values["sensor_id"], values["measured_at"], values["device_time"]
    return values.get("id") or values.get("device_id") or values.get("email")


def unknown() -> ValidationError:
    return ValidationError("There is no such one in this archive.", code="does_not_exist")


# --- write --------------------------------------------------------------------------------------------------


@transaction.atomic
def take_in(archive: Archive, *, user: User, now: datetime) -> dict[str, int]:
    """All that is not here yet, or nothing; says how many of each. What `check` has read is believed."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
    look = Look(now)
    was_empty = not Batch.objects.of(user).exists()
    added = {}
    names = names_of_batches(archive, user, look)
    for content in CONTENTS:
        added[content.name] = 0
        for chunk in chunks(rows_of(archive, content, look)):
            added[content.name] += WRITERS[content.name](chunk, user=user, names=names, now=now)
    if was_empty:
        take_over_profile(archive, user, look)
    return added


def chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    iterator = iter(rows)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk


def names_of_batches(archive: Archive, user: User, look: Look) -> dict[str, str]:
    """What each batch of the archive is called here."""
    old = [values["id"] for _, values in rows_of(archive, BATCHES, look)]
    return named_here(Batch.objects.all(), Batch.objects.of(user), old, user, other_batch_id)


def named_here(
    everybodys: "models.QuerySet[Any]",
    mine: "models.QuerySet[Any]",
    old: list[Any],
    user: User,
    other: Callable[[User, Any], Any],
) -> dict[Any, Any]:
    """The old name where it is free or mine already; else the other one."""
    taken: set[Any] = set()
    for n in range(0, len(old), CHUNK):
        some = old[n : n + CHUNK]
        taken |= set(everybodys.filter(pk__in=some).values_list("pk", flat=True))
        taken -= set(mine.filter(pk__in=some).values_list("pk", flat=True))
    return {name: other(user, name) if name in taken else name for name in old}


def other_batch_id(user: User, old: str) -> str:
    number = int.from_bytes(hashlib.sha256(f"{user.pk} {old}".encode()).digest(), "big")
    return "".join(ALPHABET[(number >> (5 * place)) % len(ALPHABET)] for place in range(LENGTH))


def other_uuid(user: User, old: uuid.UUID) -> uuid.UUID:
    return uuid.uuid5(user.pk, str(old))


def write_batches(chunk: list[Row], *, user: User, names: Mapping[str, str], now: datetime) -> int:
    here = set(
        Batch.objects.of(user).filter(pk__in=[names[v["id"]] for _, v in chunk]).values_list("pk", flat=True)
    )
    fresh = []
    for number, values in chunk:
        if names[values["id"]] not in here:
            parent = values["parent_id"] and names[values["parent_id"]]
            fresh.append(
                (number, {**values, "id": names[values["id"]], "parent_id": parent, "owner_id": user.pk})
            )
    return insert(BATCHES, Batch, fresh, user)


def write_events(chunk: list[Row], *, user: User, names: Mapping[str, str], now: datetime) -> int:
    return insert(EVENTS, Event, of_batches(Event, chunk, user, names), user)


def write_reminders(chunk: list[Row], *, user: User, names: Mapping[str, str], now: datetime) -> int:
    fresh = of_batches(Reminder, chunk, user, names)
    batches = {values["batch_id"] for _, values in fresh}
    waiting = set(Reminder.objects.filter(batch__in=batches).waiting().values_list("batch_id", "kind"))
    kept = []
    for number, values in fresh:
        values |= {"owner_id": user.pk}
        if is_stale(values, now=now):
            values |= {"status": Reminder.Status.SKIPPED}
        if values["status"] != Reminder.Status.WAITING or (values["batch_id"], values["kind"]) not in waiting:
            kept.append((number, values))
    return insert(REMINDERS, Reminder, kept, user)


def is_stale(values: Values, *, now: datetime) -> bool:
    at: datetime = values["snoozed_until"] or values["due_at"]
    return bool(values["status"] == Reminder.Status.WAITING) and at < now - STALE_AFTER


def write_sensors(chunk: list[Row], *, user: User, names: Mapping[str, str], now: datetime) -> int:
    """With a token that nobody knows: the gadget is given another one."""
    ids = sensors_here(chunk, user, "id")
    here = set(user.sensors.filter(pk__in=ids.values()).values_list("pk", flat=True))
    fresh = []
    for number, values in chunk:
        if ids[values["id"]] not in here:
            own = {"id": ids[values["id"]], "batch_id": names.get(values["batch_id"]), "owner_id": user.pk}
            fresh.append((number, {**values, **own, "token_hash": secrets.hash_of(secrets.new_secret(""))}))
    return insert(SENSORS, Sensor, fresh, user)


def write_readings(chunk: list[Row], *, user: User, names: Mapping[str, str], now: datetime) -> int:
    ids = sensors_here(chunk, user, "sensor_id")
    times = {values["measured_at"] for _, values in chunk}
    known = Reading.objects.filter(sensor__in=set(ids.values()), measured_at__in=times)
    here = set(known.values_list("sensor_id", "measured_at", "device_time"))
    moved = [
        (number, {**values, "sensor_id": ids[values["sensor_id"]], "batch_id": names.get(values["batch_id"])})
        for number, values in chunk
    ]
    fresh = [(number, values) for number, values in moved if identity(READINGS, values) not in here]
    return insert(READINGS, Reading, fresh, user)


def sensors_here(chunk: list[Row], user: User, column: str) -> dict[Any, Any]:
    """What the sensors of these rows are called here. Where it is another's, the other name stays the other name."""
    old = list({values[column] for _, values in chunk})
    return named_here(Sensor.objects.all(), user.sensors.all(), old, user, other_uuid)


def of_batches(model: Any, chunk: list[Row], user: User, names: Mapping[str, str]) -> list[Row]:
    """Those that are not here yet, by the names that they and their batches have here."""
    ids = named_here(
        model.objects.all(), model.objects.of(user), [v["id"] for _, v in chunk], user, other_uuid
    )
    here = set(model.objects.of(user).filter(pk__in=ids.values()).values_list("pk", flat=True))
    return [
        (number, {**values, "id": ids[values["id"]], "batch_id": names.get(values["batch_id"])})
        for number, values in chunk
        if ids[values["id"]] not in here
    ]


def write_devices(chunk: list[Row], *, user: User, names: Mapping[str, str], now: datetime) -> int:
    """Known again, without the address that messages go to: the app sends that when it is next opened."""
    here = set(Device.objects.of(user).values_list("device_id", flat=True))
    fresh = [
        (number, {**values, "user_id": user.pk})
        for number, values in chunk
        if values["device_id"] not in here
    ]
    return insert(DEVICES, Device, fresh, user)


def insert(content: Content, model: Any, rows: list[Row], user: User) -> int:
    try:
        with transaction.atomic():
            model.objects.bulk_create([model(**values) for _, values in rows])
    except IntegrityError as error:
        if broken_by(error).endswith("_pkey"):
            # Somebody has taken the name in this very moment; the next try gives another.
            raise
        raise RowsAreWrong(list(complaints_of(content, model, rows))) from error
    if rows and "id" in rows[0][1]:
        Tombstone.objects.of(user).filter(thing_id__in=[str(values["id"]) for _, values in rows]).delete()
    return len(rows)


def complaints_of(content: Content, model: Any, rows: list[Row]) -> Iterator[Complaint]:
    """Which of them it is: one after the other, and none is kept."""
    for number, values in rows:
        try:
            with transaction.atomic():
                model(**values).save(force_insert=True)
        except IntegrityError as error:
            yield of_constraint(content, number, model, error)
            return


def of_constraint(content: Content, number: int, model: Any, error: IntegrityError) -> Complaint:
    """In the words of the constraint that it breaks."""
    broken = next((one for one in model._meta.constraints if one.name == broken_by(error)), None)
    sentence = str(broken.violation_error_message) if broken else "This cannot be as it is."
    code = (broken and broken.violation_error_code) or "invalid"
    return Complaint(f"{content.member}, line {number}", "", code, sentence)


def broken_by(error: IntegrityError) -> str:
    return str(getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or "")


def take_over_profile(archive: Archive, user: User, look: Look) -> None:
    """Into an account without batches the settings come, too; who it is stays as it is."""
    for _, values in islice(rows_of(archive, PROFILE, look), 1):
        joined = min(user.date_joined, values.pop("date_joined"))
        values.pop("email")
        User.objects.filter(pk=user.pk).update(**values, date_joined=joined)


WRITERS: dict[str, Callable[..., int]] = {
    "batches": write_batches,
    "events": write_events,
    "reminders": write_reminders,
    "devices": write_devices,
    "sensors": write_sensors,
    "readings": write_readings,
    "profile": lambda chunk, **context: 0,
}
