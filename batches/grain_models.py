"""A culture of one's own, and what it has weighed."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.core.validators import MaxLengthValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Prefetch, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import one_line
from accounts.units import CELSIUS, Unit
from batches import models as batches
from batches.grain_care import Care, Growth, Jar, Kept, Weight, care, growths
from batches.grain_kinds import GrainKind
from batches.sentences import between, holds, in_range
from batches.stages import Stage, Status


class GrainsQuerySet(batches.OwnedQuerySet["Grains"]):
    def alive(self) -> GrainsQuerySet:
        return self.exclude(status=Grains.Status.GONE)

    def unplanned(self) -> GrainsQuerySet:
        """That want something some time, and of which no reminder was asked for."""
        return self.filter(care_at__isnull=False, told_at=None, owner__is_active=True)

    def not_reminded_of(self) -> GrainsQuerySet:
        # By the reverse accessor's name: reminders are the upper app's.
        reminder: Any = self.model._meta.get_field("reminders").related_model
        return self.exclude(Exists(reminder.objects.unfinished().filter(grains=OuterRef("pk"))))

    def oldest_first(self) -> GrainsQuerySet:
        return self.order_by("created_at", "id")

    def with_weights(self) -> GrainsQuerySet:
        """Brings along, in one query for all, what each has weighed last."""
        newest = Weighing.objects.newest_first()[:1]
        return self.prefetch_related(Prefetch("weighings", newest, to_attr="newest_weighings"))


class Grains(models.Model):
    """A living culture that goes from batch to batch: grains, a SCOBY, a ginger bug, a starter."""

    class Status(models.TextChoices):
        ACTIVE = "active", _("At work")
        IN_FRIDGE = "in_fridge", _("Resting in the fridge")
        GONE = "gone", _("Gone")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="grains", db_index=False
    )
    name = models.CharField(max_length=100, validators=[one_line])
    culture = models.CharField(max_length=20, choices=GrainKind, default=GrainKind.WATER_KEFIR)
    got_at = models.DateTimeField(
        validators=[MinValueValidator(batches.EARLIEST, _("That is too long ago to be true."))],
    )
    notes = models.TextField(max_length=2000, blank=True, validators=[MaxLengthValidator(2000)])
    status = models.CharField(max_length=10, choices=Status, default=Status.ACTIVE, editable=False)
    in_fridge_at = models.DateTimeField(null=True, blank=True, editable=False)
    gone_at = models.DateTimeField(null=True, blank=True, editable=False)
    fed_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Others in the place of the old ones: what those did counts half from then on.
    renewed_at = models.DateTimeField(null=True, blank=True, editable=False)
    # When it will want something, if nothing happens until then; and when a reminder of that was asked for.
    care_at = models.DateTimeField(null=True, blank=True, editable=False)
    told_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Rises with whatever is shown of it: what they want and how much they grew, too.
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(editable=False)
    # By the database's clock, at each write (a trigger), like a batch's.
    stamped_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = GrainsQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "grains"
        indexes = [
            models.Index(fields=["owner", "created_at", "id"], name="grains_oldest_of_owner"),
            models.Index(fields=["owner", "stamped_at", "id"], name="grains_stamped_of_owner"),
            models.Index(
                fields=["care_at"],
                condition=Q(care_at__isnull=False, told_at__isnull=True),
                name="grains_wanting_by_time",
            ),
        ]
        constraints = [
            holds(
                "grains_in_fridge_say_since_when",
                Q(status="in_fridge", in_fridge_at__isnull=False)
                | (~Q(status="in_fridge") & Q(in_fridge_at__isnull=True)),
                _("Only what rests in the fridge has a time since when."),
                "not_in_fridge",
            ),
            holds(
                "grains_gone_say_since_when",
                Q(status="gone", gone_at__isnull=False) | (~Q(status="gone") & Q(gone_at__isnull=True)),
                _("Only what is gone has a time since when."),
                "not_gone",
            ),
            holds(
                "grains_were_got_this_century",
                Q(got_at__gte=batches.EARLIEST),
                _("That is too long ago to be true."),
                "out_of_range",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_gone(self) -> bool:
        return self.status == self.Status.GONE

    @property
    def latest_weighing(self) -> Weighing | None:
        known = getattr(self, "newest_weighings", None)
        return next(iter(self.weighings.newest_first()[:1] if known is None else known), None)

    @property
    def grams(self) -> float | None:
        """What it weighed last."""
        weighing = self.latest_weighing
        return weighing.grams if weighing else None

    def jars(self) -> list[Jar]:
        return [jar_of(batch) for batch in self.batches.all()]

    def kept(self, temperature: Unit = CELSIUS) -> Kept:
        return Kept(
            kind=self.culture,
            status=self.status,
            got_at=self.got_at,
            in_fridge_at=self.in_fridge_at,
            fed_at=self.fed_at,
            jars=self.jars(),
            temperature=temperature,
        )

    def care(self, temperature: Unit = CELSIUS) -> Care | None:
        """In words for whoever measures in this unit; when it is does not hang on it."""
        return care(self.kept(temperature))

    def growths(self) -> list[Growth]:
        return growths(self.jars(), [Weight(one.weighed_at, one.grams) for one in self.weighings.all()])


def jar_of(batch: batches.Batch) -> Jar:
    """Strained when it was bottled; or else when it was ready, or put away."""
    is_open = batch.stage == Stage.OPEN and batch.status in {Status.ACTIVE, Status.IN_FRIDGE}
    strained_at = None if is_open else batch.bottled_at or batch.ready_at or batch.archived_at
    return Jar(
        started_at=batch.started_at,
        strained_at=max(strained_at, batch.started_at) if strained_at else None,
        temperature_c=batch.temperature_c,
    )


class WeighingQuerySet(models.QuerySet["Weighing"]):
    def newest_first(self) -> WeighingQuerySet:
        return self.order_by("-weighed_at", "-id")


class Weighing(models.Model):
    """What a culture weighed at one moment."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # The index below begins with it.
    grains = models.ForeignKey(Grains, on_delete=models.CASCADE, related_name="weighings", db_index=False)
    weighed_at = models.DateTimeField(
        validators=[MinValueValidator(batches.EARLIEST, _("That is too long ago to be true."))]
    )
    grams = models.FloatField(validators=between(0, 20_000, "g"))
    created_at = models.DateTimeField(editable=False)

    objects = WeighingQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index("grains", F("weighed_at").desc(), F("id").desc(), name="weighing_newest_of_grains"),
        ]
        constraints = [in_range("weighing", "grams", 0, 20_000)]

    def __str__(self) -> str:
        return f"{self.grams:g} g on {self.weighed_at:%Y-%m-%d}"
