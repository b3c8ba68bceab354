"""The tags on jars, each with a code that stays while what is in the jar changes."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User, one_line
from batches.models import Batch, OwnedQuerySet
from batches.sentences import between, holds, in_range
from tags.codes import new_code
from tags.presets import OWN, PRESETS, Layout, layout_of

BLANKS_KEPT_FOR = timedelta(days=365)


class JarTagQuerySet(OwnedQuerySet["JarTag"]):
    def unclaimed(self) -> JarTagQuerySet:
        return self.filter(owner__isnull=True)

    def blank_of(self, user: User) -> JarTagQuerySet:
        """What this person has printed and nobody has scanned yet."""
        return self.unclaimed().filter(printed_by=user)

    def in_hands_of(self, user: User) -> JarTagQuerySet:
        """On their jars, or on their paper."""
        return self.of(user) | self.blank_of(user)

    def shown_to_strangers(self) -> JarTagQuerySet:
        return self.filter(batch__in=Batch.objects.public())

    def never_claimed(self, now: datetime) -> JarTagQuerySet:
        return self.unclaimed().filter(made_at__lt=now - BLANKS_KEPT_FOR)

    def oldest_first(self) -> JarTagQuerySet:
        return self.order_by("claimed_at", "id")


class JarTag(models.Model):
    """One tag on one jar. It is nobody's until somebody who is signed in scans it and takes it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = models.CharField(max_length=8, unique=True, default=new_code, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="jar_tags",
        db_index=False,
        editable=False,
    )
    name = models.CharField(max_length=60, blank=True, validators=[one_line])
    batch = models.ForeignKey(
        Batch, null=True, blank=True, on_delete=models.SET_NULL, related_name="jar_tags", db_index=False
    )
    # What was in it before, and since when it is empty: it is brewed again, or an undo brings it back.
    last_batch = models.ForeignKey(
        Batch,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
        editable=False,
    )
    emptied_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Who may see a blank one's code before it is claimed: nobody else has the paper.
    printed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
        editable=False,
    )
    made_at = models.DateTimeField(editable=False)
    claimed_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = JarTagQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                "owner", "claimed_at", "id", condition=Q(owner__isnull=False), name="jar_tag_of_owner"
            ),
            models.Index(fields=["batch"], condition=Q(batch__isnull=False), name="jar_tag_of_batch"),
            models.Index(
                fields=["last_batch"], condition=Q(last_batch__isnull=False), name="jar_tag_of_last"
            ),
            models.Index(fields=["printed_by"], condition=Q(owner__isnull=True), name="jar_tag_blank_of"),
            models.Index(fields=["made_at"], condition=Q(owner__isnull=True), name="jar_tag_blank_by_time"),
        ]
        constraints = [
            holds(
                "jar_tag_claimed_says_since_when",
                Q(owner__isnull=True, claimed_at__isnull=True)
                | Q(owner__isnull=False, claimed_at__isnull=False),
                _("Only a claimed tag says since when."),
                "not_claimed",
            ),
            holds(
                "jar_tag_of_nobody_is_on_no_jar",
                Q(batch__isnull=True) | Q(owner__isnull=False),
                "A tag that is nobody's is on no jar.",
                "not_claimed",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.code


class LabelSheet(models.Model):
    """The labels that somebody prints, or printed last: each person has one, and the next takes its place."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Being made")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Could not be made")

    class Paper(models.TextChoices):
        A4 = "a4", _("a sheet of A4")
        LETTER = "letter", _("a sheet of Letter")
        ROLL = "roll", _("one on each page, from a roll")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="label_sheet", editable=False
    )
    # {"batches": [ids], "tags": [ids]}: what they are for, in this order.
    wanted = models.JSONField(default=dict, editable=False)
    preset = models.CharField(
        max_length=20,
        default="l7160",
        choices=[*((key, name) for key, (name, _layout) in PRESETS.items()), (OWN, _("My own size"))],
    )
    own_paper = models.CharField(max_length=10, choices=Paper, default=Paper.A4)
    own_width_mm = models.FloatField(null=True, blank=True, validators=between(20, 200, "mm"))
    own_height_mm = models.FloatField(null=True, blank=True, validators=between(18, 280, "mm"))
    first = models.PositiveSmallIntegerField(default=1, validators=between(1, 48, "labels"))
    copies = models.PositiveSmallIntegerField(default=1, validators=between(1, 100, "copies"))
    code_only = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING, editable=False)
    pdf = models.BinaryField(null=True, editable=False)
    ordered_at = models.DateTimeField(editable=False)
    made_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints = [
            holds(
                "label_sheet_of_own_size_says_which",
                ~Q(preset=OWN) | Q(own_width_mm__isnull=False, own_height_mm__isnull=False),
                _("Say how wide and how high your labels are."),
                "size_missing",
            ),
            holds(
                "label_sheet_that_is_ready_is_there",
                ~Q(state="ready") | Q(pdf__isnull=False, made_at__isnull=False),
                _("What is ready is there."),
                "not_made",
            ),
            in_range("label_sheet", "own_width_mm", 20, 200),
            in_range("label_sheet", "own_height_mm", 18, 280),
            in_range("label_sheet", "first", 1, 48),
            in_range("label_sheet", "copies", 1, 100),
        ]

    def __str__(self) -> str:
        return self.preset

    @property
    def layout(self) -> Layout:
        width, height = self.own_width_mm or 0, self.own_height_mm or 0
        return layout_of(self.preset, paper=self.own_paper, width=width, height=height)

    @property
    def has_codes_alone(self) -> bool:
        return self.code_only or not self.layout.holds_words
