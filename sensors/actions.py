"""What becomes of sensors and of what they send: add, edit, remove, take a reading, tell of silence, forget."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from accounts import secrets
from accounts.models import User
from batches import actions as batch_actions
from batches.actions import CLOCK_SKEW, BatchIsArchived
from batches.models import Batch
from batches.signals import Change, What
from sensors import warmth
from sensors.models import Reading, Sensor
from sensors.shapes import Said
from work import actions as work

PREFIX = "kefir_sensor_"
MOST_SENSORS = 50
EDITABLE = frozenset({"name", "batch", "silent_after"})
ONE_EVERY = timedelta(minutes=1)
# A gadget may keep readings while the network is away; what is older, its clock got wrong.
OLDEST = timedelta(days=7)
KEPT_AFTER_ARCHIVING = timedelta(days=730)
KEPT_WITHOUT_BATCH = timedelta(days=90)
AT_ONCE = 5_000
NOTICED_AT_ONCE = 500
# The kind of job that mails it.
SILENT = "sensor_is_silent"


class TooManySensors(ValidationError):
    def __init__(self) -> None:
        super().__init__(
            _("At most %(most)s sensors. Remove one first.") % {"most": MOST_SENSORS},
            code="too_many",
        )


class IdIsTaken(ValidationError):
    def __init__(self) -> None:
        super().__init__({"id": ValidationError(_("Choose another id."), code="id_taken")})


class UnknownToken(ValidationError):
    def __init__(self) -> None:
        super().__init__(_("No sensor has this token, or not any more."), code="unknown_token")


class TooSoon(ValidationError):
    """A sensor may send once a minute."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(
            _("One reading a minute. Try again in %(seconds)s s.") % {"seconds": seconds}, code="rate_limited"
        )


@transaction.atomic
def add(*, owner: User, now: datetime, id: UUID | None = None, **filled: Any) -> tuple[Sensor, str]:  # noqa: A002
    """A new sensor and its token, which nobody can read again."""
    batch_actions.refuse_unknown(filled, EDITABLE)
    # Two at once count one after the other.
    owner = User.objects.select_for_update(no_key=True).get(pk=owner.pk)
    if id and Sensor.objects.filter(pk=id).exists():
        raise IdIsTaken
    if Sensor.objects.of(owner).kept().count() >= MOST_SENSORS:
        raise TooManySensors
    token = secrets.new_secret(PREFIX)
    sensor = Sensor(id=id or uuid4(), owner=owner, created_at=now, token_hash=secrets.hash_of(token))
    sensor.token_beginning = secrets.beginning_of(token, PREFIX)
    change(sensor, filled, now=now)
    sensor.save(force_insert=True)
    return sensor, token


@transaction.atomic
def edit(*, sensor: Sensor, now: datetime, **changes: Any) -> Sensor:
    """Another name, another batch or none, more or less patience."""
    batch_actions.refuse_unknown(changes, EDITABLE)
    sensor = locked(sensor)
    change(sensor, changes, now=now)
    sensor.save()
    return sensor


def change(sensor: Sensor, changes: dict[str, Any], *, now: datetime) -> None:
    before = sensor.batch_id, sensor.silent_after
    for field, value in changes.items():
        setattr(sensor, field, value)
    if sensor.batch and sensor.batch_id != before[0]:
        put_into(sensor, batch_actions.locked(sensor.batch), now=now)
    if (sensor.batch_id, sensor.silent_after) != before:
        sensor.silent_at, sensor.told_silent_at = sensor.expected_by(), None
    sensor.full_clean(validate_unique=False, exclude=["owner", "batch", "latest"])


def put_into(sensor: Sensor, batch: Batch, *, now: datetime) -> None:
    if batch.is_archived:
        raise BatchIsArchived
    sensor.assigned_at, sensor.moved_at = now, None


def expect_again(*, batch: Batch, change: Change, **_rest: Any) -> None:
    """Receives batch_changed: a sensor that was taken out, or put in, was not."""
    if change.what != What.TAKEN_BACK:
        return
    for sensor in Sensor.objects.kept().filter(pk__in=change.again):
        if sensor.batch_id == batch.pk and batch.is_archived:
            raise BatchIsArchived
        sensor.silent_at, sensor.told_silent_at = sensor.expected_by(), None
        sensor.save(update_fields=["silent_at", "told_silent_at"])


@transaction.atomic
def remove(*, sensor: Sensor, now: datetime) -> None:
    """Its token is void at once. What it measured of batches stays with them; the rest is forgotten soon."""
    sensor = locked(sensor)
    sensor.removed_at, sensor.batch, sensor.latest = now, None, None
    sensor.silent_at = sensor.told_silent_at = None
    sensor.save()


def holder(*, token: str) -> Sensor:
    """Whose token it is. Raises UnknownToken, also for what belongs to somebody who leaves."""
    heard = Sensor.objects.kept().filter(owner__is_active=True, owner__erase_at=None)
    known = heard.filter(token_hash=secrets.hash_of(token)).first()
    if known is None:
        raise UnknownToken
    return known


@transaction.atomic
def take(*, sensor: Sensor, said: Said, now: datetime) -> tuple[Reading, bool]:
    """Keep what a sensor said, and say whether it is new.

    The sensor's row decides: of many posts at once one is taken, and the others come too soon or again.
    """
    sensor = locked(sensor)
    if known := again(sensor, said):
        return known, False
    refuse_haste(sensor, now=now)
    batch = listening(sensor)
    reading = Reading(sensor=sensor, batch=batch, device_time=said.device_time, raw=said.rest, **said.values)
    reading.measured_at = believed(said.measured_at, now=now)
    reading.full_clean(validate_unique=False, validate_constraints=False, exclude=["sensor", "batch"])
    reading.save(force_insert=True)
    if batch and reading.temperature_c is not None:
        weigh(sensor, batch, at=reading.measured_at, temperature_c=reading.temperature_c, now=now)
    note(sensor, reading, said, now=now)
    return reading, True


def again(sensor: Sensor, said: Said) -> Reading | None:
    return sensor.readings.filter(device_time=said.device_time).first() if said.device_time else None


def refuse_haste(sensor: Sensor, *, now: datetime) -> None:
    if sensor.last_seen_at and now - sensor.last_seen_at < ONE_EVERY:
        left = (sensor.last_seen_at + ONE_EVERY - now).total_seconds()
        # Another web process's clock may be a little ahead.
        raise TooSoon(min(60, int(left) + 1))


def listening(sensor: Sensor) -> Batch | None:
    """The batch it is in; out of one that was archived it is taken."""
    batch = batch_actions.locked(sensor.batch) if sensor.batch else None
    if batch and batch.is_archived:
        sensor.batch = batch = None
    return batch


def believed(measured_at: datetime | None, *, now: datetime) -> datetime:
    """The gadget's own time, where it can be true."""
    return measured_at if measured_at and now - OLDEST <= measured_at <= now + CLOCK_SKEW else now


def weigh(sensor: Sensor, batch: Batch, *, at: datetime, temperature_c: float, now: datetime) -> None:
    """Tell the rules of care what is news to them, once it has lasted.

    Beside what people noted, only what this sensor told counts: two in one jar must not contradict each other
    for ever.
    """
    told_c = batch.facts(source=str(sensor.pk)).told_c
    if not warmth.is_news(temperature_c, told_c):
        sensor.moved_at = None
    elif warmth.has_lasted(sensor.moved_at, at):
        sensor.moved_at = None
        batch_actions.sense(batch=batch, source=str(sensor.pk), at=at, temperature_c=temperature_c, now=now)
    else:
        sensor.moved_at = sensor.moved_at or at


def note(sensor: Sensor, reading: Reading, said: Said, *, now: datetime) -> None:
    """What its reading says of the sensor itself."""
    sensor.kind, sensor.last_seen_at = said.kind, now
    if said.in_plato is not None:
        sensor.in_plato = said.in_plato
    if sensor.latest is None or sensor.latest.measured_at <= reading.measured_at:
        sensor.latest = reading
    sensor.silent_at, sensor.told_silent_at = sensor.expected_by(), None
    sensor.save()


@transaction.atomic
def notice_silence(*, now: datetime) -> int:
    """Once for each silence: its keeper is mailed, and the batch's page says so until the sensor speaks again."""
    silent = Sensor.objects.silent(now).order_by("silent_at").select_related("owner")
    found = list(silent.select_for_update(of=("self",), no_key=True, skip_locked=True)[:NOTICED_AT_ONCE])
    for sensor in found:
        sensor.told_silent_at, sensor.silent_at = now, None
        sensor.save(update_fields=["told_silent_at", "silent_at"])
        told = {"sensor": str(sensor.pk), "told_at": now.isoformat()}
        work.enqueue(kind=SILENT, key=str(sensor.pk), now=now, payload=told, owner=sensor.owner)
    return len(found)


@transaction.atomic
def forget(*, now: datetime) -> int:
    """Readings of batches archived two years ago, those of no batch after a season, and what sensors that were removed
    leave of themselves; some thousands at a time.
    """
    over = Batch.objects.filter(archived_at__lt=now - KEPT_AFTER_ARCHIVING)
    of_old_batches = Reading.objects.filter(batch__in=over)
    of_none = Reading.objects.in_no_batch().filter(measured_at__lt=now - KEPT_WITHOUT_BATCH)
    of_removed = Reading.objects.in_no_batch().filter(sensor__in=Sensor.objects.removed())
    which = of_old_batches, of_none, of_removed
    found = [pk for readings in which for pk in readings.values_list("pk", flat=True)[:AT_ONCE]]
    forgotten, _ = Reading.objects.filter(pk__in=found).delete()
    empty, _ = (
        Sensor.objects.removed().filter(~Exists(Reading.objects.filter(sensor=OuterRef("pk")))).delete()
    )
    return forgotten + empty


def locked(sensor: Sensor) -> Sensor:
    """Re-read under lock. Raises UnknownToken where it was taken away meanwhile."""
    known = Sensor.objects.kept().select_for_update(of=("self",), no_key=True).filter(pk=sensor.pk)
    if fresh := known.select_related("latest", "batch").first():
        return fresh
    raise UnknownToken
