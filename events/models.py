from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import PhBy, one_line
from batches.facts import Reading
from batches.models import EARLIEST, Batch
from batches.sentences import between, holds, in_range
from events import pictures
from events.kinds import BY_MOVING, Kind, Sign, Taste
from kefir import bucket

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User

SOMETHING_MEASURED = (
    Q(ph__isnull=False)
    | Q(brix__isnull=False)
    | Q(temperature_c__isnull=False)
    | ~Q(taste="")
    | Q(fizz__isnull=False)
    | Q(kind=Kind.BURPED)
    | ~Q(sign="")
)

VALUES = ("ph", "brix", "temperature_c", "taste", "fizz", "sign")


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
        """What tells the rules something: a reading, a taste, a sign, or gas let out."""
        return self.filter(SOMETHING_MEASURED).order_by("occurred_at", "id")

    def moves(self) -> EventQuerySet:
        return self.filter(kind__in=BY_MOVING).order_by("occurred_at", "created_at", "id")


class Event(models.Model):
    """One thing that happened to a batch: a line of its timeline."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.NOTE)
    occurred_at = models.DateTimeField()
    description = models.TextField(max_length=2000, blank=True, validators=[MaxLengthValidator(2000)])
    ph = models.FloatField(_("pH"), null=True, blank=True, validators=between(0, 14, "pH"))
    brix = models.FloatField(_("°Brix"), null=True, blank=True, validators=between(0, 60, "°Brix"))
    temperature_c = models.FloatField(
        _("temperature"), null=True, blank=True, validators=between(0, 45, "°C")
    )
    taste = models.CharField(max_length=20, choices=Taste, blank=True)
    fizz = models.PositiveSmallIntegerField(null=True, blank=True, validators=[MaxValueValidator(5)])
    sign = models.CharField(_("seen"), max_length=10, choices=Sign, blank=True, default="", db_default="")
    ph_by = models.CharField(
        _("pH measured with"), max_length=5, choices=PhBy, blank=True, default="", db_default=""
    )
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
                ~Q(kind__in=[Kind.NOTE, Kind.OBSERVATION], description="", sign=""),
                _("Write a few words."),
                "says_nothing",
            ),
            holds(
                "event_measurement_has_a_value",
                ~Q(kind=Kind.MEASUREMENT, ph=None, brix=None, temperature_c=None),
                _("Give at least one of pH, °Brix and temperature."),
                "says_nothing",
            ),
            holds(
                "event_taste_has_a_verdict",
                ~Q(kind=Kind.TASTE, taste="", fizz=None),
                _("Say how it tastes, or how fizzy it is."),
                "says_nothing",
            ),
            holds(
                "event_sign_belongs_to_its_kind",
                Q(sign="")
                | Q(sign__in=[Sign.MOULD, Sign.NO_MOULD], kind=Kind.OBSERVATION)
                | Q(sign=Sign.CALM, kind=Kind.BURPED),
                _("Mould, or none, is an observation; calm are bottles that were burped."),
                "sign_of_another_kind",
            ),
            holds(
                "event_says_how_only_of_a_ph",
                Q(ph_by="") | Q(ph__isnull=False),
                _("Only a pH is measured with a strip or a meter."),
                "no_ph",
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
    def was_burped(self) -> bool:
        return self.kind == Kind.BURPED

    @property
    def was_calmed(self) -> bool:
        return self.was_burped and self.sign == Sign.CALM

    @property
    def reading(self) -> Reading:
        return Reading(
            at=self.occurred_at,
            ph=self.ph,
            brix=self.brix,
            temperature_c=self.temperature_c,
            taste=self.taste or None,
            fizz=self.fizz,
            by_meter=self.ph_by == PhBy.METER if self.ph_by else None,
            sign=self.sign,
        )


# Long enough to read a page and come back to it; a browser that asks later reloads it.
SIGNED_FOR_SECONDS = 15 * 60
COPIES_ARE = "image/webp"
COPIES_TAKE = timedelta(minutes=3)


class State(models.TextChoices):
    PENDING = "pending", _("Asked for")
    READY = "ready", _("On the timeline")
    REFUSED = "refused", _("No picture")


class PhotoQuerySet(models.QuerySet["Photo"]):
    def of(self, user: User | AnonymousUser) -> PhotoQuerySet:
        return self.filter(batch__in=Batch.objects.of(user))

    def pending(self) -> PhotoQuerySet:
        return self.filter(state=State.PENDING)

    def ready(self) -> PhotoQuerySet:
        return self.filter(state=State.READY)

    def shown(self) -> PhotoQuerySet:
        """Those with copies: what strangers may see, and what stands on cards."""
        return self.ready().exclude(copied_at=None)

    def newest_first(self) -> PhotoQuerySet:
        return self.order_by("-created_at", "-id")

    def cover_first(self) -> PhotoQuerySet:
        """The chosen one, or else the newest."""
        return self.order_by("-is_cover", "-created_at", "-id")

    def older_than(self, photo: Photo) -> PhotoQuerySet:
        """What comes after this one when the newest comes first."""
        return self.filter(
            Q(created_at__lt=photo.created_at) | Q(created_at=photo.created_at, id__lt=photo.pk)
        )

    def unfinished(self, *, before: datetime) -> PhotoQuerySet:
        """Asked for by then, and never on the timeline."""
        return self.filter(event=None, created_at__lt=before)


class Photo(models.Model):
    """A picture of a batch: asked for, uploaded, looked at and on the timeline, or else refused.

    Every key that may ever hold an object of it is named by a row before there is one, so none is forgotten: the keys
    of a row that goes, and those it no longer names, become DiscardedObjects (a trigger, migration 0003).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="photos")
    event = models.OneToOneField(
        Event, null=True, blank=True, on_delete=models.CASCADE, related_name="photo", editable=False
    )
    state = models.CharField(max_length=10, choices=State, default=State.PENDING, editable=False)
    content_type = models.CharField(max_length=20, choices=[(kind, kind) for kind in pictures.KINDS])
    size_bytes = models.PositiveIntegerField(_("size"), validators=between(1, pictures.MOST_BYTES, "bytes"))
    filename = models.CharField(max_length=255, blank=True, validators=[one_line])
    width = models.PositiveIntegerField(null=True, blank=True, editable=False)
    height = models.PositiveIntegerField(null=True, blank=True, editable=False)
    taken_at = models.DateTimeField(
        null=True, blank=True, validators=[MinValueValidator(EARLIEST, _("That is too long ago to be true."))]
    )
    is_cover = models.BooleanField(default=False, editable=False)
    # Where a signed PUT may write; where it is kept; what is shown of it.
    incoming_key = models.CharField(max_length=200, blank=True, editable=False)
    original_key = models.CharField(max_length=200, blank=True, editable=False)
    web_key = models.CharField(max_length=200, blank=True, editable=False)
    thumbnail_key = models.CharField(max_length=200, blank=True, editable=False)
    etag = models.CharField(max_length=100, blank=True, editable=False)
    created_at = models.DateTimeField(editable=False)
    confirmed_at = models.DateTimeField(null=True, blank=True, editable=False)
    # In this bucket, which counts from then; one that was brought along may have been confirmed long before.
    stored_at = models.DateTimeField(null=True, blank=True, editable=False)
    copied_at = models.DateTimeField(null=True, blank=True, editable=False)
    warned_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = PhotoQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index("batch", F("created_at").desc(), F("id").desc(), name="photo_newest_of_batch"),
            models.Index(fields=["created_at"], condition=Q(event__isnull=True), name="photo_unfinished"),
            models.Index(
                fields=["stored_at"],
                condition=Q(state=State.READY, warned_at__isnull=True),
                name="photo_unwarned_by_storing",
            ),
        ]
        constraints = [
            holds(
                "photo_is_small_enough",
                Q(size_bytes__gte=1, size_bytes__lte=pictures.MOST_BYTES),
                "A photo has at most 10 MB.",
                "too_large",
            ),
            holds(
                "photo_that_is_ready_is_on_the_timeline",
                ~Q(state=State.READY) | Q(event__isnull=False, confirmed_at__isnull=False),
                "A photo that is ready stands on the timeline.",
                "not_on_timeline",
            ),
            holds(
                "photo_on_the_cover_is_ready",
                Q(is_cover=False) | Q(state=State.READY),
                _("Only a photo that is there can be the cover."),
                "not_ready",
            ),
            models.UniqueConstraint(
                fields=["batch"],
                condition=Q(is_cover=True),
                name="photo_on_the_cover_is_one",
                violation_error_message=_("A batch has one cover."),
                violation_error_code="cover_taken",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.id} of {self.batch_id}"

    @property
    def is_ready(self) -> bool:
        return self.state == State.READY

    def is_developing(self, now: datetime) -> bool:
        """Its copies are to be expected any moment; later, whoever makes them is late, and nobody waits."""
        return self.copied_at is None and now < (self.confirmed_at or self.created_at) + COPIES_TAKE

    @property
    def caption(self) -> str:
        """What its line of the timeline says."""
        return self.event.description if self.event else ""

    @property
    def url(self) -> str:
        """Good for a quarter of an hour, and for its keeper only: before there is a copy it is the original."""
        return self.web_url or self.original_url

    @property
    def web_url(self) -> str | None:
        return self._signed(self.web_key)

    @property
    def thumbnail_url(self) -> str | None:
        return self._signed(self.thumbnail_key)

    @property
    def original_url(self) -> str:
        """To be saved, not shown: it is what somebody sent us."""
        return bucket.presign_get(
            self.original_key,
            content_type=self.content_type,
            filename=self.filename or f"{self.id}.{self.content_type.removeprefix('image/')}",
            seconds=SIGNED_FOR_SECONDS,
        )

    @property
    def original_kept_until(self) -> datetime | None:
        """When the bucket forgets the original; None where it is kept."""
        if not settings.PHOTO_ORIGINALS_DAYS or self.stored_at is None:
            return None
        return self.stored_at + timedelta(days=settings.PHOTO_ORIGINALS_DAYS)

    def _signed(self, key: str) -> str | None:
        if self.copied_at is None:
            return None
        return bucket.presign_get(key, content_type=COPIES_ARE, seconds=SIGNED_FOR_SECONDS)


class DiscardedObject(models.Model):
    """An object of the bucket that no row names any more; the row goes when the object is gone."""

    key = models.CharField(max_length=200)
    # Not before an address that may still write there has run out.
    due_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="discardedobject_by_due"),
            models.Index(fields=["key"], name="discardedobject_by_key"),
        ]

    def __str__(self) -> str:
        return self.key
