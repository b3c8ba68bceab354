from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.core.validators import MaxLengthValidator, MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from batches.facts import Reading
from batches.models import Batch, between, holds, in_range
from events.kinds import BY_MOVING, Kind, Taste

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User

SOMETHING_MEASURED = (
    Q(ph__isnull=False) | Q(brix__isnull=False) | Q(temperature_c__isnull=False) | ~Q(taste="")
)

VALUES = ("ph", "brix", "temperature_c", "taste", "fizz")


class EventQuerySet(models.QuerySet["Event"]):
    def of(self, user: User | AnonymousUser) -> EventQuerySet:
        return self.filter(batch__in=Batch.objects.of(user))

    def newest_first(self) -> EventQuerySet:
        return self.order_by("-occurred_at", "-id")

    def older_than(self, event: Event) -> EventQuerySet:
        """What comes after this one when the newest comes first."""
        return self.filter(
            Q(occurred_at__lt=event.occurred_at) | Q(occurred_at=event.occurred_at, id__lt=event.pk)
        )

    def measured(self) -> EventQuerySet:
        """What tells the rules something: a reading, or a taste."""
        return self.filter(SOMETHING_MEASURED).order_by("occurred_at", "id")


class Event(models.Model):
    """One thing that happened to a batch: a line of its timeline."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.NOTE)
    occurred_at = models.DateTimeField()
    description = models.TextField(max_length=2000, blank=True, validators=[MaxLengthValidator(2000)])
    ph = models.FloatField("pH", null=True, blank=True, validators=between(0, 14, "pH"))
    brix = models.FloatField("°Brix", null=True, blank=True, validators=between(0, 60, "°Brix"))
    temperature_c = models.FloatField("temperature", null=True, blank=True, validators=between(0, 45, "°C"))
    taste = models.CharField(max_length=20, choices=Taste, blank=True)
    fizz = models.PositiveSmallIntegerField(null=True, blank=True, validators=[MaxValueValidator(5)])
    data = models.JSONField(default=dict, blank=True, editable=False)
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)
    # As a batch's.
    stamped_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = EventQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index("batch", F("occurred_at").desc(), F("id").desc(), name="event_newest_of_batch"),
            models.Index(fields=["batch", "stamped_at", "id"], name="event_stamped_of_batch"),
            models.Index(
                fields=["batch", "occurred_at"], condition=SOMETHING_MEASURED, name="event_measured_of_batch"
            ),
        ]
        constraints = [
            holds(
                "event_note_says_something",
                ~Q(kind__in=[Kind.NOTE, Kind.OBSERVATION], description=""),
                "Write a few words.",
                "says_nothing",
            ),
            holds(
                "event_measurement_has_a_value",
                ~Q(kind=Kind.MEASUREMENT, ph=None, brix=None, temperature_c=None),
                "Give at least one of pH, °Brix and temperature.",
                "says_nothing",
            ),
            holds(
                "event_taste_has_a_verdict",
                ~Q(kind=Kind.TASTE, taste="", fizz=None),
                "Say how it tastes, or how fizzy it is.",
                "says_nothing",
            ),
            in_range("event", "ph", 0, 14),
            in_range("event", "brix", 0, 60),
            in_range("event", "temperature_c", 0, 45),
            in_range("event", "fizz", 0, 5),
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.kind} of {self.batch_id}"

    @property
    def was_a_move(self) -> bool:
        return self.kind in BY_MOVING

    @property
    def said(self) -> frozenset[str]:
        """Which of its values it gives."""
        return frozenset(name for name in VALUES if getattr(self, name) not in {None, ""})

    @property
    def reading(self) -> Reading:
        return Reading(
            at=self.occurred_at,
            ph=self.ph,
            brix=self.brix,
            temperature_c=self.temperature_c,
            taste=self.taste or None,
        )
