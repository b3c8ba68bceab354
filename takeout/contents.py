"""What an archive holds: the kinds of things, and which of their fields go along.

One line of JSON for each row, by the names of the API. Each field of a model is either taken along or named among
those that are left, with the reason; a test holds this against the models.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import Field, Model, QuerySet
from django.utils.translation import gettext_noop

from accounts.models import Device, User
from batches.grain_models import Grains, Weighing
from batches.models import Batch
from events.models import Event, Photo
from hooks.models import Endpoint
from kefir.api.names import camel
from reminders.models import Reminder
from sensors.models import Reading, Sensor

Line = dict[str, Any]


@dataclass(frozen=True)
class Content:
    """One kind of things in an archive, kept in `name`.jsonl."""

    name: str
    model: type[Model]
    of: Callable[[User], QuerySet[Any]]
    fields: tuple[str, ...]
    # Why the others are left behind.
    left: dict[str, str] = field(default_factory=dict)

    @property
    def member(self) -> str:
        return f"{self.name}.jsonl"

    @cached_property
    def columns(self) -> dict[str, "Field[Any, Any]"]:
        """The fields that go along, by what they are called in a line."""
        found: dict[str, Any] = {camel(name): self.model._meta.get_field(name) for name in self.fields}
        return found

    def lines(self, user: User) -> Iterator[Line]:
        names = list(self.columns)
        rows = self.of(user).values_list(*(column.attname for column in self.columns.values()))
        for row in rows.iterator(chunk_size=1000):
            yield dict(zip(names, map(on_the_wire, row), strict=True))


def on_the_wire(value: Any) -> Any:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case time():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case UUID():
            return str(value)
        case _:
            return value


# What the report of an import counts.
NOUNS = [
    gettext_noop("profile"), gettext_noop("grains"), gettext_noop("weighings"), gettext_noop("batches"),
    gettext_noop("events"), gettext_noop("reminders"), gettext_noop("devices"), gettext_noop("sensors"),
    gettext_noop("readings"), gettext_noop("photos"),
]  # fmt: skip

THEIRS = "it belongs to whoever takes it in"
STAMP = "when this place last wrote it, for apps that keep a copy"
ENGINE = "how the engine goes about it, of no use elsewhere"

PROFILE = Content(
    "profile",
    User,
    lambda user: User.objects.filter(pk=user.pk),
    (
        "email", "name", "language", "timezone", "temperature_unit", "volume_unit", "ph_by", "quiet_from",
        "quiet_until", "push_on", "email_when", "nag_every", "paused_until", "usual_culture", "room_temperature_c",
        "date_joined",
    ),
    {
        "id": THEIRS, "password": "nobody has one", "last_login": "of this place only",
        "is_superuser": "given by staff, here only", "is_staff": "given by staff, here only",
        "is_active": "given by staff, here only", "email_failed_at": "of this address, just now",
        "email_failure": "of this address, just now", "calendar_key": "a secret",
        "erase_at": "of this account only", "has_webhooks": "said by the webhooks themselves",
        "demo_until": "of this account only", "welcomed_at": "of this account only",
    },
)  # fmt: skip
GRAINS = Content(
    "grains",
    Grains,
    lambda user: Grains.objects.of(user).order_by("pk"),
    (
        "id", "name", "culture", "got_at", "notes", "status", "in_fridge_at", "gone_at", "fed_at", "renewed_at",
        "version", "created_at", "updated_at",
    ),
    {"owner": THEIRS, "stamped_at": STAMP, "care_at": "made of the others", "told_at": ENGINE},
)  # fmt: skip
WEIGHINGS = Content(
    "weighings",
    Weighing,
    lambda user: Weighing.objects.filter(grains__in=Grains.objects.of(user)).order_by("pk"),
    ("id", "grains", "weighed_at", "grams", "created_at"),
)
BATCHES = Content(
    "batches",
    Batch,
    lambda user: Batch.objects.of(user).order_by("pk"),
    (
        "id", "name", "culture", "stage", "status", "water_volume_ml", "sugar_grams", "sugar_type",
        "grains_grams", "fruits", "temperature_c", "started_at", "target_hours", "bottled_at",
        "bottle_count", "bottle_volume_ml", "bottle_kind", "added_sugar_grams", "bottled_temperature_c",
        "bottled_target_hours", "in_fridge_at", "ready_at", "archived_at", "status_before_archive", "notes",
        "is_public", "public_note", "parent", "grains", "new_grains", "version", "created_at", "updated_at",
    ),
    {"owner": THEIRS, "stamped_at": STAMP, "sensed": "made of readings"},
)  # fmt: skip
EVENTS = Content(
    "events",
    Event,
    lambda user: Event.objects.of(user).order_by("pk"),
    (
        "id", "batch", "kind", "occurred_at", "description", "ph", "brix", "temperature_c", "taste", "fizz",
        "sign", "ph_by", "data", "created_at", "updated_at",
    ),
    {"stamped_at": STAMP},
)  # fmt: skip
REMINDERS = Content(
    "reminders",
    Reminder,
    lambda user: Reminder.objects.of(user).order_by("pk"),
    (
        "id", "batch", "grains", "kind", "message", "why", "priority", "due_at", "snoozed_until", "follows_plan",
        "status", "sent_at", "done_at", "round", "cancelled_with_batch", "error", "created_at", "changed_at",
    ),
    {
        "owner": THEIRS, "held_until": ENGINE, "alert_at": "made of the others", "again_at": ENGINE,
        "stamped_at": STAMP, "leased_until": ENGINE, "claims": ENGINE, "attempts": ENGINE,
    },
)  # fmt: skip
DEVICES = Content(
    "devices",
    Device,
    lambda user: Device.objects.of(user).order_by("device_id"),
    (
        "device_id", "platform", "name", "app_version", "created_at", "last_seen_at", "disabled_at",
        "disabled_reason",
    ),
    {"id": "a number of this place", "user": THEIRS, "address": "a secret", "keys": "a secret"},
)  # fmt: skip
SENSORS = Content(
    "sensors",
    Sensor,
    lambda user: Sensor.objects.filter(pk__in=user.sensors.all()).order_by("pk"),
    (
        "id", "name", "kind", "batch", "assigned_at", "in_plato", "last_seen_at", "silent_after",
        "created_at", "removed_at",
    ),
    {
        "owner": THEIRS, "token_hash": "of a secret", "token_beginning": "of a secret", "moved_at": ENGINE,
        "latest": ENGINE, "told_silent_at": ENGINE, "silent_at": ENGINE,
    },
)  # fmt: skip
READINGS = Content(
    "readings",
    Reading,
    lambda user: Reading.objects.filter(sensor__in=user.sensors.all()).order_by(
        "sensor", "measured_at", "device_time", "pk"
    ),
    (
        "sensor", "batch", "measured_at", "device_time", "temperature_c", "gravity_sg", "ph", "pressure_bar",
        "angle", "battery_v", "battery_percent", "rssi", "raw",
    ),
    {"id": "a number of this place"},
)  # fmt: skip
# Switched off where it is taken in: no archive has Kefir call anybody before its owner wants that.
WEBHOOKS = Content(
    "webhooks",
    Endpoint,
    lambda user: Endpoint.objects.of(user).order_by("pk"),
    ("id", "url", "kinds", "created_at"),
    {
        "user": THEIRS, "secret": "a secret", "former_secret": "a secret", "former_until": "of a secret",
        "is_on": "for its owner to say, there as here", "failures": ENGINE, "failing_since_at": ENGINE,
        "rests_until": ENGINE, "disabled_at": ENGINE, "disabled_reason": ENGINE,
    },
)  # fmt: skip
# Only those that are there to be shown: what is still on its way, or was refused, is nothing to keep.
PHOTOS = Content(
    "photos",
    Photo,
    lambda user: Photo.objects.of(user).ready().order_by("pk"),
    (
        "id", "batch", "event", "content_type", "size_bytes", "filename", "width", "height", "taken_at",
        "is_cover", "created_at", "confirmed_at",
    ),
    {
        "state": "all are ready", "incoming_key": ENGINE, "original_key": ENGINE, "web_key": ENGINE,
        "thumbnail_key": ENGINE, "etag": ENGINE, "copied_at": ENGINE, "warned_at": ENGINE,
        "stored_at": "counts anew where it is taken in",
    },
)  # fmt: skip
# Each after what it refers to.
CONTENTS = (
    PROFILE, GRAINS, WEIGHINGS, BATCHES, EVENTS, REMINDERS, DEVICES, SENSORS, READINGS, WEBHOOKS, PHOTOS,
)  # fmt: skip


def picture_of(line: Line) -> str:
    """What the picture itself is called in an archive."""
    return f"photos/{line['id']}.{SUFFIXES[line['contentType']]}"


SUFFIXES = {
    "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/heic": "heic",
    "image/heif": "heif", "image/avif": "avif",
}  # fmt: skip

# What hangs on an account and is no part of its archive.
NOT_TAKEN_ALONG = {
    "Challenge": "a code, for minutes",
    "SignIn": "of this place only",
    "KnownDevice": "a fingerprint, for warning of strangers",
    "AccessToken": "a secret's hash; scripts are given another",
    "AnsweredRequest": "answers that were given already, for a week",
    "Invitation": "who was invited by staff",
    "DiscardedObject": "what is to be deleted, of nobody any more",
    "Message": "what such an address is told, for a month",
    "HookDelivery": "how that went, for a month",
    "LabelSheet": "what was printed last",
    "JarTag": "a code that is printed for this place; claim another there",
    "Job": "what workers still have to do",
    "Outcome": "figures, of nobody in particular",
    "Delivery": "how each message went, of this place only",
    "Heartbeat": "of nobody in particular",
    "Tally": "figures, of nobody in particular",
    "Tombstone": "what is gone",
    "Undo": "what can be taken back, for an hour",
    "PastStage": "follows from the batches and what was measured",
    "Forecast": "what was said of a batch beforehand, for judging how good it is",
    "Export": "the archives themselves",
    "Import": "what was brought along",
    "Farewell": "of those who have gone",
}
