"""What somebody takes along, brings back, and what is left to do when they have gone."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import one_line

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User


GIVEN_UP = "failed"


def share_done(done: int, total: int) -> int:
    """Of a hundred."""
    return min(100, round(100 * done / total)) if total else 0


class ExportQuerySet(models.QuerySet["Export"]):
    def of(self, user: User | AnonymousUser) -> ExportQuerySet:
        return self.filter(user_id=user.pk) if user.pk else self.none()

    def waiting(self) -> ExportQuerySet:
        return self.filter(state=Export.State.WAITING)

    def over(self, now: datetime) -> ExportQuerySet:
        """Kept long enough."""
        return self.filter(expires_at__lte=now)

    def newest_first(self) -> ExportQuerySet:
        return self.order_by("-created_at", "-id")


class Export(models.Model):
    """One archive of everything that is somebody's: asked for, made by a worker, kept for a week."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Being made")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Could not be made")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="exports", db_index=False
    )
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    # Named before there is an object, so that none is forgotten.
    key = models.CharField(max_length=200, unique=True, editable=False)
    size_bytes = models.PositiveBigIntegerField(null=True, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(editable=False)
    made_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField()

    objects = ExportQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["user", "created_at"], name="export_of_user"),
            models.Index(fields=["expires_at"], name="export_by_expiry"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(state="waiting"),
                name="export_is_made_one_at_a_time",
                violation_error_message=_("An archive is being made already."),
                violation_error_code="export_under_way",
            ),
            models.CheckConstraint(
                condition=~Q(state="ready") | Q(made_at__isnull=False, size_bytes__isnull=False),
                name="export_that_is_ready_says_since_when",
                violation_error_message=_("An archive that is ready says since when, and how large it is."),
                violation_error_code="no_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()}, {self.created_at:%Y-%m-%d %H:%M}"

    @property
    def progress(self) -> int:
        return share_done(self.done, self.total)

    @property
    def is_waiting(self) -> bool:
        return self.state == self.State.WAITING

    def is_there(self, now: datetime) -> bool:
        return self.state == self.State.READY and now < self.expires_at


class ImportQuerySet(models.QuerySet["Import"]):
    def of(self, user: User | AnonymousUser) -> ImportQuerySet:
        return self.filter(user_id=user.pk) if user.pk else self.none()

    def at_work(self) -> ImportQuerySet:
        return self.filter(state__in=[Import.State.READING, Import.State.WRITING])

    def over(self, now: datetime) -> ImportQuerySet:
        """Kept long enough; what somebody may be at just now gets another day."""
        in_hand = self.at_work().filter(expires_at__gt=now - timedelta(days=1))
        return self.filter(expires_at__lte=now).exclude(pk__in=in_hand)

    def newest_first(self) -> ImportQuerySet:
        return self.order_by("-created_at", "-id")


class Import(models.Model):
    """One file that somebody brings along: uploaded, read by a worker, and taken in all or not at all."""

    class Kind(models.TextChoices):
        ARCHIVE = "archive", _("An archive of Kefir (ZIP)")
        TABLE = "table", _("A table of batches (CSV)")

    class State(models.TextChoices):
        UPLOADING = "uploading", _("Being uploaded")
        READING = "reading", _("Being read")
        READ = "read", _("Waits for your word")
        WRITING = "writing", _("Being taken in")
        DONE = "done", _("Taken in")
        REFUSED = "refused", _("Nothing was taken in")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="imports", db_index=False
    )
    kind = models.CharField(max_length=10, choices=Kind)
    state = models.CharField(max_length=10, choices=State, default=State.UPLOADING)
    filename = models.CharField(max_length=255, blank=True, validators=[one_line])
    key = models.CharField(max_length=200, unique=True, editable=False)
    size_bytes = models.PositiveBigIntegerField()
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    # What is in it, what would happen, and what stands in the way: for its owner to read.
    report = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(editable=False)
    ended_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField()

    objects = ImportQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["user", "created_at"], name="import_of_user"),
            models.Index(fields=["expires_at"], name="import_by_expiry"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(state__in=["reading", "writing"]),
                name="import_is_read_one_at_a_time",
                violation_error_message=_("Another file is being read just now."),
                violation_error_code="import_under_way",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["done", "refused"]) | Q(ended_at__isnull=False),
                name="import_says_when_it_ended",
                violation_error_message=_("An import that has ended says when."),
                violation_error_code="no_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.get_state_display()}, {self.created_at:%Y-%m-%d %H:%M}"

    @property
    def progress(self) -> int:
        return share_done(self.done, self.total)

    @property
    def is_at_work(self) -> bool:
        return self.state in {self.State.READING, self.State.WRITING}

    @property
    def was_given_up(self) -> bool:
        """By us, for a reason that is not in the file."""
        return self.state == self.State.REFUSED and self.report.get("code") == GIVEN_UP

    @property
    def errors(self) -> list[dict[str, Any]]:
        return list(self.report.get("errors", []))


class Farewell(models.Model):
    """What is left to do when somebody goes: their rows, their objects, a last mail. Then this row goes, too.

    No foreign key: it outlives the account by a moment, and is all that then still names it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user_id = models.UUIDField(unique=True, editable=False)
    email = models.EmailField(_("e-mail address"), max_length=254, editable=False)
    language = models.CharField(max_length=10, blank=True, db_default="", editable=False)
    created_at = models.DateTimeField(editable=False)

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d %H:%M}"
