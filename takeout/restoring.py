"""Takes what an archive holds into an account: what is there already stays as it is, the rest comes as it was.

Names are kept where they are free. Where somebody else has one, the row gets another, made of its owner and the old
name, so that the same archive taken in twice finds it again.
"""

import hashlib
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.db import IntegrityError, connection, models, transaction
from django.utils.translation import gettext as _

from accounts import secrets
from accounts.models import Device, User
from batches import forecasts, grains
from batches.grain_models import Grains, Weighing
from batches.identifiers import ALPHABET, LENGTH
from batches.models import Batch, Tombstone
from events.models import Event, Photo
from hooks import actions as hooks
from hooks.models import Endpoint
from kefir import bucket
from reminders.bounds import are_too_many
from reminders.models import Reminder
from sensors.models import Reading, Sensor
from takeout import pictures
from takeout.contents import (
    BATCHES,
    CONTENTS,
    DEVICES,
    EVENTS,
    GRAINS,
    PHOTOS,
    PROFILE,
    READINGS,
    REMINDERS,
    SENSORS,
    WEBHOOKS,
    WEIGHINGS,
    Content,
)
from takeout.looking import Look, Row, Values, identity, line_of, rows_of
from takeout.refusals import Complaint, RowsAreWrong, TooManyWait
from takeout.unpacking import Archive

CHUNK = 500
# What fell due longer ago, while nobody was told of it, is not told of now.
STALE_AFTER = timedelta(days=1)


@dataclass(frozen=True)
class Into:
    """Where it all goes."""

    user: User
    import_id: uuid.UUID
    now: datetime
    # What each batch of the archive is called here.
    names: dict[str, str]


def bring_pictures(archive: Archive, *, user: User, import_id: uuid.UUID, now: datetime) -> None:
    """To where photos are kept, before the rows: whoever sees a row finds its picture. Raises NoRoom."""
    fresh = [
        values
        for chunk in chunks(rows_of(archive, PHOTOS, Look(now)))
        for values in not_here(Photo, chunk, user)
    ]
    pictures.refuse_too_many(user, sum(values["size_bytes"] for _number, values in fresh))
    for name, values in fresh:
        picture = archive.picture(line_of(values)) or b""
        key = pictures.key_of(user, import_id, name)
        bucket.put(key, picture, content_type=values["content_type"])


def not_here(model: Any, chunk: list[Row], user: User) -> list[tuple[uuid.UUID, Values]]:
    """Each with what it is to be called here."""
    mine, old = model.objects.of(user), [values["id"] for _number, values in chunk]
    ids = named_here(model.objects.all(), mine, old, user, other_uuid)
    here = set(mine.filter(pk__in=ids.values()).values_list("pk", flat=True))
    return [(ids[values["id"]], values) for _number, values in chunk if ids[values["id"]] not in here]


@transaction.atomic
def take_in(archive: Archive, *, user: User, import_id: uuid.UUID, now: datetime) -> dict[str, int]:
    """All that is not here yet, or nothing; says how many of each. What has been looked through is believed."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
    look = Look(now)
    was_empty = not Batch.objects.of(user).exists()
    into = Into(user, import_id, now, names_of_batches(archive, user, look))
    added = {}
    for content in CONTENTS:
        added[content.name] = sum(
            WRITERS[content.name](chunk, into) for chunk in chunks(rows_of(archive, content, look))
        )
    if are_too_many(user):
        raise TooManyWait
    grains.plan_anew(owner=user)
    forecasts.foretell_all_again(now=now, owner=user)
    if was_empty:
        take_over_profile(archive, user, look)
    return added


def chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    iterator = iter(rows)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk


# --- names --------------------------------------------------------------------------------------------------


def names_of_batches(archive: Archive, user: User, look: Look) -> dict[str, str]:
    old = [values["id"] for _number, values in rows_of(archive, BATCHES, look)]
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


def of_batches(model: Any, chunk: list[Row], into: Into) -> list[Row]:
    """Those that are not here yet, by the names that they and their batches have here."""
    fresh = {values["id"]: name for name, values in not_here(model, chunk, into.user)}
    return [
        (number, {**values, "id": fresh[values["id"]], "batch_id": into.names.get(values["batch_id"])})
        for number, values in chunk
        if values["id"] in fresh
    ]


# --- rows ---------------------------------------------------------------------------------------------------


def write_grains(chunk: list[Row], into: Into) -> int:
    ids = grains_here(chunk, into.user, "id")
    here = set(Grains.objects.of(into.user).filter(pk__in=ids.values()).values_list("pk", flat=True))
    fresh = [
        (number, values | {"id": ids[values["id"]]})
        for number, values in chunk
        if ids[values["id"]] not in here
    ]
    return insert(GRAINS, Grains, owned(fresh, into), into)


def write_weighings(chunk: list[Row], into: Into) -> int:
    mine = Weighing.objects.filter(grains__in=Grains.objects.of(into.user))
    old = [values["id"] for _number, values in chunk]
    ids = named_here(Weighing.objects.all(), mine, old, into.user, other_uuid)
    here = set(mine.filter(pk__in=ids.values()).values_list("pk", flat=True))
    theirs = grains_here(chunk, into.user, "grains_id")
    fresh = [
        (number, values | {"id": ids[values["id"]], "grains_id": theirs[values["grains_id"]]})
        for number, values in chunk
        if ids[values["id"]] not in here
    ]
    return insert(WEIGHINGS, Weighing, fresh, into)


def grains_here(chunk: list[Row], user: User, column: str) -> dict[Any, Any]:
    old = list({values[column] for _number, values in chunk if values[column]})
    return named_here(Grains.objects.all(), Grains.objects.of(user), old, user, other_uuid)


def write_batches(chunk: list[Row], into: Into) -> int:
    names = into.names
    mine = Batch.objects.of(into.user).filter(pk__in=[names[values["id"]] for _number, values in chunk])
    here = set(mine.values_list("pk", flat=True))
    fresh = [
        (number, values | {"id": names[values["id"]], "parent_id": names.get(values["parent_id"])})
        for number, values in chunk
        if names[values["id"]] not in here
    ]
    theirs = grains_here(chunk, into.user, "grains_id")
    for _number, values in fresh:
        values["grains_id"] = theirs.get(values["grains_id"])
    return insert(BATCHES, Batch, owned(fresh, into), into)


def write_events(chunk: list[Row], into: Into) -> int:
    return insert(EVENTS, Event, of_batches(Event, chunk, into), into)


def write_reminders(chunk: list[Row], into: Into) -> int:
    fresh, theirs = owned(of_batches(Reminder, chunk, into), into), grains_here(chunk, into.user, "grains_id")
    for _number, values in fresh:
        values["grains_id"] = theirs.get(values["grains_id"])
    about = {values["batch_id"] or values["grains_id"] for _number, values in fresh}
    waiting = {
        (batch or grains, kind)
        for batch, grains, kind in Reminder.objects.of(into.user)
        .waiting()
        .values_list("batch_id", "grains_id", "kind")
        if (batch or grains) in about
    }
    kept = []
    for number, values in fresh:
        if is_stale(values, now=into.now):
            values["status"] = Reminder.Status.SKIPPED
        waits_for = (values["batch_id"] or values["grains_id"], values["kind"])
        if values["status"] != Reminder.Status.WAITING or waits_for not in waiting:
            kept.append((number, values))
    return insert(REMINDERS, Reminder, kept, into)


def is_stale(values: Values, *, now: datetime) -> bool:
    at: datetime = values["snoozed_until"] or values["due_at"]
    return bool(values["status"] == Reminder.Status.WAITING) and at < now - STALE_AFTER


def write_devices(chunk: list[Row], into: Into) -> int:
    """Known again, without the address that messages go to: the app sends that when it is next opened."""
    here = set(Device.objects.of(into.user).values_list("device_id", flat=True))
    fresh = [
        (number, values | {"user_id": into.user.pk})
        for number, values in chunk
        if values["device_id"] not in here
    ]
    return insert(DEVICES, Device, fresh, into)


def write_sensors(chunk: list[Row], into: Into) -> int:
    """With a token that nobody knows: the gadget is given another one."""
    ids = sensors_here(chunk, into.user, "id")
    here = set(into.user.sensors.filter(pk__in=ids.values()).values_list("pk", flat=True))
    fresh = [
        (number, values | {"id": ids[values["id"]], "batch_id": into.names.get(values["batch_id"])})
        for number, values in chunk
        if ids[values["id"]] not in here
    ]
    for _number, values in fresh:
        values["token_hash"] = secrets.hash_of(secrets.new_secret(""))
    return insert(SENSORS, Sensor, owned(fresh, into), into)


def write_readings(chunk: list[Row], into: Into) -> int:
    ids = sensors_here(chunk, into.user, "sensor_id")
    times = {values["measured_at"] for _number, values in chunk}
    known = Reading.objects.filter(sensor__in=set(ids.values()), measured_at__in=times)
    here = set(known.values_list("sensor_id", "measured_at", "device_time"))
    named = [
        (
            number,
            values | {"sensor_id": ids[values["sensor_id"]], "batch_id": into.names.get(values["batch_id"])},
        )
        for number, values in chunk
    ]
    fresh = [(number, values) for number, values in named if identity(READINGS, values) not in here]
    return insert(READINGS, Reading, fresh, into)


def sensors_here(chunk: list[Row], user: User, column: str) -> dict[Any, Any]:
    old = list({values[column] for _number, values in chunk})
    return named_here(Sensor.objects.all(), user.sensors.all(), old, user, other_uuid)


def write_webhooks(chunk: list[Row], into: Into) -> int:
    """Switched off, with a secret that nobody knows, and as many as there is room for."""
    hooks.hold(into.user)
    mine = list(Endpoint.objects.of(into.user).values_list("url", flat=True))
    fresh = {values["id"]: name for name, values in not_here(Endpoint, chunk, into.user)}
    rows = [
        (number, values | {"id": fresh[values["id"]], "user_id": into.user.pk, "is_on": False})
        for number, values in chunk
        if values["id"] in fresh and values["url"] not in mine
    ]
    added = insert(WEBHOOKS, Endpoint, rows[: max(0, hooks.MOST_ENDPOINTS - len(mine))], into)
    hooks.note_whether_there_are_any(into.user)
    return added


def write_photos(chunk: list[Row], into: Into) -> int:
    fresh = of_batches(Photo, chunk, into)
    old = [values["event_id"] for _number, values in fresh]
    events = named_here(Event.objects.all(), Event.objects.of(into.user), old, into.user, other_uuid)
    batches = {values["batch_id"] for _number, values in fresh}
    covered = set(Photo.objects.filter(batch__in=batches, is_cover=True).values_list("batch_id", flat=True))
    for _number, values in fresh:
        values["event_id"] = events[values["event_id"]]
        values["is_cover"] = values["is_cover"] and values["batch_id"] not in covered
        places = pictures.places_of(values["id"], user=into.user, import_id=into.import_id, now=into.now)
        values.update(places)
    added = insert(PHOTOS, Photo, fresh, into)
    pictures.have_copies_made([values["id"] for _number, values in fresh], user=into.user, now=into.now)
    return added


def owned(rows: list[Row], into: Into) -> list[Row]:
    return [(number, values | {"owner_id": into.user.pk}) for number, values in rows]


def insert(content: Content, model: Any, rows: list[Row], into: Into) -> int:
    try:
        with transaction.atomic():
            model.objects.bulk_create([model(**values) for _number, values in rows])
    except IntegrityError as error:
        if broken_by(error).endswith("_pkey"):
            # Somebody has taken the name in this very moment; the next try gives another.
            raise
        raise RowsAreWrong(list(complaints_of(content, model, rows))) from error
    if rows and "id" in rows[0][1]:
        back = [str(values["id"]) for _number, values in rows]
        Tombstone.objects.of(into.user).filter(thing_id__in=back).delete()
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
    sentence = str(broken.violation_error_message) if broken else _("This cannot be as it is.")
    code = (broken and broken.violation_error_code) or "invalid"
    return Complaint(
        _("%(member)s, line %(number)s") % {"member": content.member, "number": number}, "", code, sentence
    )


def broken_by(error: IntegrityError) -> str:
    return str(getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or "")


def take_over_profile(archive: Archive, user: User, look: Look) -> None:
    """Into an account without batches the settings come, too; who it is stays as it is."""
    for _number, values in islice(rows_of(archive, PROFILE, look), 1):
        joined = min(user.date_joined, values.pop("date_joined"))
        values.pop("email")
        User.objects.filter(pk=user.pk).update(**values, date_joined=joined)


WRITERS: dict[str, Callable[[list[Row], Into], int]] = {
    "profile": lambda chunk, into: 0,
    "grains": write_grains,
    "weighings": write_weighings,
    "batches": write_batches,
    "events": write_events,
    "reminders": write_reminders,
    "devices": write_devices,
    "sensors": write_sensors,
    "readings": write_readings,
    "webhooks": write_webhooks,
    "photos": write_photos,
}
