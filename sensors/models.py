"""Gadgets that measure by themselves, and what they have measured."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import one_line
from batches.models import Batch, OwnedQuerySet
from batches.sentences import between, holds, in_range
from batches.stages import Status
from sensors.kinds import Kind
from sensors.measures import RANGES

SILENT_AFTER = timedelta(hours=6)
SILENT_AT_LEAST, SILENT_AT_MOST = timedelta(hours=1), timedelta(days=7)
# Of a lithium cell as most gadgets have it: below it lasts days, not weeks.
LOW_V, LOW_PERCENT = 3.5, 15


class SensorQuerySet(OwnedQuerySet["Sensor"]):
    def kept(self) -> SensorQuerySet:
        """Not taken away by their keeper."""
        return self.filter(removed_at=None)

    def removed(self) -> SensorQuerySet:
        return self.exclude(removed_at=None)

    def silent(self, now: datetime) -> SensorQuerySet:
        """Nothing has come from them for too long, while a jar is at work."""
        return self.filter(silent_at__lte=now, batch__status=Status.ACTIVE, owner__is_active=True)

    def oldest_first(self) -> SensorQuerySet:
        return self.order_by("created_at", "id")


class Sensor(models.Model):
    """One gadget of a person's that sends readings with a token of its own."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sensors", db_index=False
    )
    name = models.CharField(max_length=100, validators=[one_line])
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.UNKNOWN, editable=False)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    token_beginning = models.CharField(max_length=30, editable=False)
    batch = models.ForeignKey(
        Batch, null=True, blank=True, on_delete=models.SET_NULL, related_name="sensors", db_index=False
    )
    # Since when it is in that batch; of the temperature, since when it is not what the rules of care go by.
    assigned_at = models.DateTimeField(null=True, blank=True, editable=False)
    moved_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Its gravity has been a number that can only be °Plato.
    in_plato = models.BooleanField(default=False, editable=False)
    last_seen_at = models.DateTimeField(null=True, blank=True, editable=False)
    latest = models.OneToOneField(
        "Reading", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    silent_after = models.DurationField(
        _("tell me when nothing comes"),
        null=True,
        blank=True,
        default=SILENT_AFTER,
        validators=[
            MinValueValidator(SILENT_AT_LEAST, _("After an hour at the soonest.")),
            MaxValueValidator(SILENT_AT_MOST, _("After a week at the latest.")),
        ],
    )
    told_silent_at = models.DateTimeField(null=True, blank=True, editable=False)
    # When its silence is to be told, if it stays silent. Nothing where it was told, or nobody wants to know.
    silent_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(editable=False)
    removed_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = SensorQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["owner", "created_at", "id"], name="sensor_oldest_of_owner"),
            models.Index(fields=["batch"], condition=Q(batch__isnull=False), name="sensor_of_batch"),
            models.Index(
                fields=["silent_at"], condition=Q(silent_at__isnull=False), name="sensor_silent_by_time"
            ),
        ]
        constraints = [
            holds(
                "sensor_says_since_when_it_is_in_its_batch",
                Q(batch__isnull=True) | Q(assigned_at__isnull=False),
                "A sensor in a batch says since when.",
                "not_assigned",
            ),
            holds(
                "sensor_is_silent_neither_too_soon_nor_too_late",
                Q(silent_after__isnull=True)
                | Q(silent_after__gte=SILENT_AT_LEAST, silent_after__lte=SILENT_AT_MOST),
                _("Between an hour and a week."),
                "out_of_range",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def expected_by(self) -> datetime | None:
        """When its silence is to be told, if it stays silent from now on."""
        if self.batch_id is None or self.assigned_at is None or self.silent_after is None:
            return None
        return max(self.assigned_at, self.last_seen_at or self.assigned_at) + self.silent_after

    @property
    def is_silent(self) -> bool:
        return self.told_silent_at is not None and self.batch_id is not None

    @property
    def has_low_battery(self) -> bool:
        return self.latest is not None and self.latest.is_of_low_battery


class ReadingQuerySet(models.QuerySet["Reading"]):
    def newest_first(self) -> ReadingQuerySet:
        return self.order_by("-measured_at", "-id")

    def in_no_batch(self) -> ReadingQuerySet:
        return self.filter(batch=None)


class Reading(models.Model):
    """What one sensor measured at one moment."""

    # The unique constraint and the indexes below begin with these two: others would only cost writes.
    sensor = models.ForeignKey(Sensor, on_delete=models.CASCADE, related_name="readings", db_index=False)
    batch = models.ForeignKey(
        Batch, null=True, blank=True, on_delete=models.CASCADE, related_name="readings", db_index=False
    )
    measured_at = models.DateTimeField()
    # The gadget's own word for when: the same word is the same reading.
    device_time = models.CharField(max_length=64, blank=True)
    temperature_c = models.FloatField(null=True, blank=True, validators=between(*RANGES["temperature_c"]))
    gravity_sg = models.FloatField(null=True, blank=True, validators=between(*RANGES["gravity_sg"]))
    ph = models.FloatField(_("pH"), null=True, blank=True, validators=between(*RANGES["ph"]))
    pressure_bar = models.FloatField(null=True, blank=True, validators=between(*RANGES["pressure_bar"]))
    angle = models.FloatField(null=True, blank=True, validators=between(*RANGES["angle"]))
    battery_v = models.FloatField(null=True, blank=True, validators=between(*RANGES["battery_v"]))
    battery_percent = models.FloatField(null=True, blank=True, validators=between(*RANGES["battery_percent"]))
    rssi = models.FloatField(_("signal"), null=True, blank=True, validators=between(*RANGES["rssi"]))
    # What else was sent, as it came.
    raw = models.JSONField(default=dict, blank=True)

    objects = ReadingQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index("batch", F("measured_at").desc(), F("id").desc(), name="reading_newest_of_batch"),
            models.Index(fields=["sensor", "measured_at"], name="reading_of_sensor"),
            models.Index(
                fields=["measured_at"], condition=Q(batch__isnull=True), name="reading_in_no_batch_by_time"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["sensor", "device_time"],
                condition=~Q(device_time=""),
                name="reading_is_kept_once",
                violation_error_message=_("This reading is kept already."),
                violation_error_code="unique",
            ),
            *(in_range("reading", name, low, high) for name, (low, high, _) in RANGES.items()),
        ]

    def __str__(self) -> str:
        return f"{self.measured_at:%Y-%m-%d %H:%M} of {self.sensor_id}"

    @property
    def is_of_low_battery(self) -> bool:
        low_v = self.battery_v is not None and self.battery_v < LOW_V
        return low_v or (self.battery_percent is not None and self.battery_percent < LOW_PERCENT)
