"""What ended, and what was said of it beforehand: from this the next forecast learns, and is judged."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext_lazy as _

from batches.cultures import Culture
from batches.facts import Ending, Past
from batches.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User

MOST_HISTORY = 50
TAUGHT = (
    "reference_hours",
    "ended_at",
    "temperature_c",
    "water_volume_ml",
    "sugar_grams",
    "grains_grams",
    "ingredient",
    "ph_at_ready",
    "brix_left_at_ready",
    "gas_g_per_l_h",
)
ENDINGS = [(one.value, one.value) for one in Ending]


class PastStageQuerySet(models.QuerySet["PastStage"]):
    def of(self, user: User | AnonymousUser) -> Self:
        return self.of_keepers([user.pk]) if user.pk else self.none()

    def of_keepers(self, ids: Iterable[UUID]) -> Self:
        return self.filter(owner_id__in=set(ids))

    def newest_of_each(self, number: int = MOST_HISTORY) -> Self:
        """Of each keeper's cultures and stages, as many; served by `past_newest_of_owner`."""
        place = Window(
            RowNumber(),
            partition_by=[F("owner"), F("culture"), F("stage")],
            order_by=[F("ended_at").desc(), F("id").desc()],
        )
        made = {
            "fed": F("batch__grains"),
            "began": F("batch__started_at"),
            "was_new": F("batch__new_grains"),
            "renewed_at": F("batch__grains__renewed_at"),
        }
        return self.annotate(place=place, **made).filter(place__lte=number)


class Asking(NamedTuple):
    """Who wants to learn: a batch with such grains, which was started then; and when those were new."""

    grains: UUID | None
    since: datetime
    renewed_at: frozenset[datetime]


class PastStage(models.Model):
    """One stage of a batch that has ended, and how long it took: what it teaches about the next."""

    batch = models.ForeignKey("batches.Batch", on_delete=models.CASCADE, related_name="past_stages")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="past_stages")
    culture = models.CharField(max_length=20, choices=Culture)
    stage = models.CharField(max_length=10, choices=Stage)
    ending = models.CharField(max_length=10, choices=ENDINGS)
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    reference_hours = models.FloatField()
    temperature_c = models.FloatField(null=True)
    water_volume_ml = models.FloatField(null=True)
    sugar_grams = models.FloatField(null=True)
    grains_grams = models.FloatField(null=True)
    ingredient = models.CharField(max_length=40, blank=True)
    ph_at_ready = models.FloatField(null=True)
    brix_left_at_ready = models.FloatField(null=True)
    gas_g_per_l_h = models.FloatField(null=True)

    # Of the batch itself and its grains, by `newest_of_each`.
    fed: UUID | None
    began: datetime
    was_new: bool
    renewed_at: datetime | None

    objects = PastStageQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                "owner", "culture", "stage", F("ended_at").desc(), F("id").desc(), name="past_newest_of_owner"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "stage"],
                name="past_stage_of_a_batch_ends_once",
                violation_error_message=_("This stage of the batch has ended already."),
                violation_error_code="ended_already",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__gte=F("begun_at")),
                name="past_stage_ends_after_it_begins",
                violation_error_message=_("A stage cannot end before it begins."),
                violation_error_code="ended_before_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id} {self.stage} {self.ending}"

    def past_for(self, asks: Asking) -> Past:
        """What it teaches; what other grains did counts half, and what the same did before they were new."""
        return replace(self.told, new_grains_since=self.new_grains_since(asks))

    @property
    def told(self) -> Past:
        """Whoever asks."""
        return Past(ending=Ending(self.ending), **{name: getattr(self, name) for name in TAUGHT})

    def new_grains_since(self, asks: Asking) -> int:
        if None not in {self.fed, asks.grains} and self.fed != asks.grains:
            return 1
        renewed = {self.renewed_at} - {None} if self.fed == asks.grains else set()
        return sum(self.began < at <= asks.since for at in asks.renewed_at | renewed if at)


class ForecastQuerySet(models.QuerySet["Forecast"]):
    def of(self, user: User | AnonymousUser) -> Self:
        # By the reverse accessor's model, so that whose a batch is, is asked in its one place.
        batch: Any = self.model._meta.get_field("batch").related_model
        return self.filter(batch__in=batch.objects.of(user))

    def last_of_each(self, batches: Iterable[Any]) -> Self:
        """Served by `forecast_last_of_batch`."""
        newest = self.filter(batch__in=[batch.pk for batch in batches])
        return newest.order_by("batch_id", "-made_at", "-id").distinct("batch_id")


class Forecast(models.Model):
    """What was said of a batch at a moment: kept as it was, for only that shows whether it was right."""

    batch = models.ForeignKey("batches.Batch", on_delete=models.CASCADE, related_name="forecasts")
    culture = models.CharField(max_length=20, choices=Culture)
    stage = models.CharField(max_length=10, choices=Stage)
    made_at = models.DateTimeField()
    earliest_at = models.DateTimeField()
    early_at = models.DateTimeField()
    median_at = models.DateTimeField()
    late_at = models.DateTimeField()
    latest_at = models.DateTimeField()
    confidence = models.CharField(max_length=10, blank=True)
    reasons = models.JSONField(default=list)
    low_bar = models.FloatField(null=True)
    likely_bar = models.FloatField(null=True)
    high_bar = models.FloatField(null=True)
    act_by_at = models.DateTimeField(null=True)
    model = models.CharField(max_length=20)
    n_history = models.PositiveSmallIntegerField()

    objects = ForecastQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index("batch", F("made_at").desc(), F("id").desc(), name="forecast_last_of_batch"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(earliest_at__lte=F("early_at"))
                & Q(early_at__lte=F("median_at"))
                & Q(median_at__lte=F("late_at"))
                & Q(late_at__lte=F("latest_at")),
                name="forecast_goes_from_earliest_to_latest",
                violation_error_message=_("A forecast goes from the earliest to the latest."),
                violation_error_code="out_of_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id} {self.made_at}"
