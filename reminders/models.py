from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce

from accounts.models import one_line
from batches.kinds import Kind
from batches.models import Batch

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User

LEASE = timedelta(seconds=60)


class ReminderQuerySet(models.QuerySet["Reminder"]):
    def of(self, user: User | AnonymousUser) -> ReminderQuerySet:
        return self.filter(batch__in=Batch.objects.of(user))

    def waiting(self) -> ReminderQuerySet:
        return self.filter(status=Reminder.Status.WAITING)

    def to_do(self) -> ReminderQuerySet:
        """What still asks for something: not yet told, or told and not yet done."""
        return self.filter(status__in=[Reminder.Status.WAITING, Reminder.Status.SENT])

    def unfinished(self) -> ReminderQuerySet:
        """To do, and what could not be sent."""
        return self.exclude(
            status__in=[Reminder.Status.DONE, Reminder.Status.CANCELLED, Reminder.Status.SKIPPED]
        )

    def due(self, now: datetime) -> ReminderQuerySet:
        return self.waiting().filter(alert_at__lte=now)

    def free(self, now: datetime) -> ReminderQuerySet:
        """In nobody's hands: never claimed, or the lease ran out."""
        return self.filter(Q(leased_until=None) | Q(leased_until__lte=now))

    def replannable(self) -> ReminderQuerySet:
        """What a change of the batch may touch."""
        return self.filter(
            Q(status__in=[Reminder.Status.WAITING, Reminder.Status.SENT]) | Q(cancelled_with_batch=True)
        )

    def soonest_first(self) -> ReminderQuerySet:
        return self.order_by("alert_at", "id")

    def later_than(self, reminder: Reminder) -> ReminderQuerySet:
        """What comes after this one when the soonest comes first."""
        return self.filter(
            Q(alert_at__gt=reminder.alert_at) | Q(alert_at=reminder.alert_at, id__gt=reminder.pk)
        )


class Reminder(models.Model):
    """One thing to be told to a batch's keeper, at one time."""

    class Status(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SENT = "sent", "Sent"
        DONE = "done", "Done"
        CANCELLED = "cancelled", "Cancelled"
        SKIPPED = "skipped", "Skipped"
        FAILED = "failed", "Could not be sent"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="reminders")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reminders")
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.CUSTOM)
    message = models.CharField(max_length=200, validators=[one_line])
    why = models.CharField(max_length=300, blank=True)
    priority = models.PositiveSmallIntegerField(default=1)
    due_at = models.DateTimeField()
    snoozed_until = models.DateTimeField(null=True, blank=True)
    alert_at = models.GeneratedField(
        expression=Coalesce("snoozed_until", "due_at"), output_field=models.DateTimeField(), db_persist=True
    )
    # Its time is the suggested one, so it follows when the batch's plan changes.
    follows_plan = models.BooleanField(default=False)
    status = models.CharField(max_length=10, choices=Status, default=Status.WAITING)
    sent_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    # Snoozing what was sent already begins another round; within one, it is sent once.
    round = models.PositiveSmallIntegerField(default=1)
    cancelled_with_batch = models.BooleanField(default=False)

    leased_until = models.DateTimeField(null=True, blank=True)
    # The lease under which a worker took it up: a message that comes twice under one lease is carried once.
    lease_taken_up = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(editable=False)

    objects = ReminderQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["alert_at", "id"], condition=Q(status="waiting"), name="reminder_waiting_by_alert"
            ),
            models.Index(
                fields=["batch", "alert_at"],
                condition=Q(status__in=["waiting", "sent"]),
                name="reminder_to_do_of_batch",
            ),
            models.Index(fields=["batch", "alert_at", "id"], name="reminder_of_batch"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "kind"],
                condition=Q(status="waiting") & ~Q(kind=Kind.CUSTOM),
                name="reminder_of_a_kind_waits_once",
                violation_error_message="Such a reminder is waiting already.",
                violation_error_code="waiting_already",
            ),
            models.CheckConstraint(
                condition=~Q(message=""),
                name="reminder_says_something",
                violation_error_message="Say what to be reminded of.",
                violation_error_code="blank",
            ),
            models.CheckConstraint(
                condition=~Q(status="sent", sent_at=None) & ~Q(status="done", done_at=None),
                name="reminder_says_when_it_was_sent_and_done",
                violation_error_message="A sent or done reminder has its time.",
                violation_error_code="no_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.kind} at {self.due_at:%Y-%m-%d %H:%M}Z"

    @property
    def is_waiting(self) -> bool:
        return self.status == self.Status.WAITING

    def is_due(self, now: datetime) -> bool:
        return self.is_waiting and (self.snoozed_until or self.due_at) <= now
