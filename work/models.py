"""What takes time and may fail: a row first, carried out by a worker, until it is done or given up."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    DONE = "done", _("Done")
    DEAD = "dead", _("Given up")


def is_due(now: datetime) -> Q:
    in_nobodys_hand = Q(leased_until=None) | Q(leased_until__lte=now)
    return in_nobodys_hand & Q(due_at__lte=now)


class JobQuerySet(models.QuerySet["Job"]):
    def waiting(self) -> JobQuerySet:
        """Not yet done, though somebody may be at it."""
        return self.filter(state=State.WAITING)

    def due(self, now: datetime) -> JobQuerySet:
        """What somebody should be at, and nobody is."""
        return self.waiting().filter(is_due(now))

    def dead(self) -> JobQuerySet:
        return self.filter(state=State.DEAD)


class Job(models.Model):
    """One thing to be done by a worker: its kind says how, its key for what."""

    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=200)
    # Ids only: nothing that must not be read by staff.
    payload = models.JSONField(default=dict, blank=True, encoder=DjangoJSONEncoder)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="jobs", null=True, blank=True
    )
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    due_at = models.DateTimeField()
    # Asked for once more while somebody was at it: what they read may be old by now.
    again_at = models.DateTimeField(null=True, blank=True)
    # Whoever claimed it has it until then. The lease tells one claim from the next, so that who comes late is known.
    leased_until = models.DateTimeField(null=True, blank=True)
    lease = models.UUIDField(null=True, blank=True)
    # Counted before the try, for it may be the last thing its worker does.
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    # Of the request that asked for it last, so that the worker's log lines bear its name.
    request_id = models.CharField(max_length=64, blank=True, db_default="", editable=False)
    created_at = models.DateTimeField(editable=False)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(state="waiting"), name="job_waiting_by_due"),
            models.Index(
                fields=["kind", "due_at", "id"], condition=Q(state="waiting"), name="job_waiting_of_kind"
            ),
            models.Index(
                fields=["kind"], condition=Q(state="waiting", lease__isnull=False), name="job_in_hand"
            ),
            models.Index(fields=["state", "ended_at"], condition=~Q(state="waiting"), name="job_ended"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "key"],
                condition=Q(state="waiting"),
                name="job_of_a_kind_and_key_waits_once",
                violation_error_message=_("Such a job is waiting already."),
                violation_error_code="waiting_already",
            ),
            models.CheckConstraint(
                condition=~Q(kind="") & ~Q(key=""),
                name="job_says_what_and_for_what",
                violation_error_message=_("A job has a kind and a key."),
                violation_error_code="blank",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", ended_at=None)
                | Q(state__in=["done", "dead"], ended_at__isnull=False),
                name="job_says_when_it_ended",
                violation_error_message=_("A job that is done or given up says when, and no other."),
                violation_error_code="no_time",
            ),
            models.CheckConstraint(
                condition=Q(lease=None, leased_until=None)
                | Q(state="waiting", lease__isnull=False, leased_until__isnull=False),
                name="job_in_hand_says_until_when",
                violation_error_message=_("A job in somebody's hand says until when, and has not ended."),
                violation_error_code="no_lease",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def is_dead(self) -> bool:
        return self.state == State.DEAD


class Outcome(models.Model):
    """So many tries of a kind ended in one way. One share of it: all slots together are the figure."""

    kind = models.CharField(max_length=40)
    outcome = models.CharField(max_length=7)
    slot = models.PositiveSmallIntegerField()
    count = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "outcome", "slot"],
                name="outcome_is_one_row_a_slot",
                violation_error_message=_("This is counted already."),
                violation_error_code="counted_already",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.outcome}: {self.count}"
