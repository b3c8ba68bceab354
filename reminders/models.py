from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Coalesce, Greatest, Now
from django.utils.translation import gettext_lazy as _

from accounts.models import one_line
from batches.cases import HINT
from batches.grain_models import Grains
from batches.kinds import Kind
from batches.models import Batch
from reminders import planning

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User

LATEST = 50  # batches


class IsOneOf(Func):
    """Whether a key is among those of some rows, that are asked for first."""

    template, arg_joiner = "(%(expressions)s))", " = ANY("
    output_field = models.BooleanField()

    def __init__(self, key: str, rows: models.QuerySet[Any]) -> None:
        super().__init__(F(key), ArraySubquery(rows.values("pk")))


class ReminderQuerySet(models.QuerySet["Reminder"]):
    def of(self, user: User | AnonymousUser) -> ReminderQuerySet:
        """Of their batches and of their cultures. As arrays, so that each is looked for in its own index."""
        if not user.pk:
            return self.none()
        of_batches = IsOneOf("batch_id", Batch.objects.of(user))
        return self.filter(Q(of_batches) | Q(IsOneOf("grains_id", Grains.objects.of(user))))

    def with_what_it_is_about(self) -> ReminderQuerySet:
        return self.select_related("batch", "grains")

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

    def failed(self) -> ReminderQuerySet:
        """What could not be sent."""
        return self.filter(status=Reminder.Status.FAILED)

    def finished(self, at: datetime | None) -> ReminderQuerySet:
        """At this very moment, as those are that an event finishes when it is written down."""
        return self.filter(status=Reminder.Status.DONE, done_at=at)

    def due(self, now: datetime) -> ReminderQuerySet:
        return self.waiting().filter(alert_at__lte=now)

    def replannable(self) -> ReminderQuerySet:
        """What a change of the batch may touch."""
        return self.filter(
            Q(status__in=[Reminder.Status.WAITING, Reminder.Status.SENT, Reminder.Status.FAILED])
            | Q(cancelled_with_batch=True)
        )

    def muted(self, *, keeper: User, culture: str) -> frozenset[str]:
        """The kinds of hint that this person has had enough of, by what came of them in the latest such batches."""
        latest = Batch.objects.of(keeper).filter(culture=culture).newest_first()[:LATEST]
        answers = [Reminder.Status.DONE, Reminder.Status.SKIPPED]
        answered = self.filter(Q(IsOneOf("batch_id", latest)), priority=HINT, status__in=answers)
        said = answered.order_by("-due_at", "-id").values_list("kind", "status")
        return planning.muted((kind, status == Reminder.Status.SKIPPED) for kind, status in said)

    def in_play(self, *, since: datetime) -> ReminderQuerySet:
        """What a change of the batch may touch, or what was done since."""
        return self.replannable() | self.filter(done_at__gte=since)

    def soonest_first(self) -> ReminderQuerySet:
        return self.order_by("alert_at", "id")

    def later_than(self, reminder: Reminder) -> ReminderQuerySet:
        """What comes after this one when the soonest comes first."""
        return self.filter(
            Q(alert_at__gt=reminder.alert_at) | Q(alert_at=reminder.alert_at, id__gt=reminder.pk)
        )


class Reminder(models.Model):
    """One thing to be told to the keeper of a batch, or of a culture, at one time."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SENT = "sent", _("Sent")
        DONE = "done", _("Done")
        CANCELLED = "cancelled", _("Cancelled")
        SKIPPED = "skipped", _("Skipped")
        FAILED = "failed", _("Could not be sent")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # The indexes below begin with the batch: one of its own would only cost writes.
    batch = models.ForeignKey(
        Batch, null=True, blank=True, on_delete=models.CASCADE, related_name="reminders", db_index=False
    )
    # What rests in the fridge is in no batch (adr/0018).
    grains = models.ForeignKey(
        Grains, null=True, blank=True, on_delete=models.CASCADE, related_name="reminders", db_index=False
    )
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reminders")
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.CUSTOM)
    message = models.CharField(max_length=200, validators=[one_line])
    why = models.CharField(max_length=300, blank=True)
    priority = models.PositiveSmallIntegerField(default=1)
    due_at = models.DateTimeField()
    snoozed_until = models.DateTimeField(null=True, blank=True)
    # Not before then: quiet hours, a pause, or a try that failed. The due time and the snooze stay what they are.
    held_until = models.DateTimeField(null=True, blank=True, editable=False)
    alert_at = models.GeneratedField(
        expression=Greatest(Coalesce("snoozed_until", "due_at"), "held_until"),
        output_field=models.DateTimeField(),
        db_persist=True,
    )
    # Its time is the suggested one, so it follows when the batch's plan changes.
    follows_plan = models.BooleanField(default=False)
    status = models.CharField(max_length=10, choices=Status, default=Status.WAITING)
    sent_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    # Each telling of it is a round; within one, it is sent once to each address.
    round = models.PositiveSmallIntegerField(default=1)
    # When one that was sent goes out again: to an address that still waits for it, or as a nag.
    again_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Not by its keeper, but by what happened to the batch or the culture: it may come back.
    cancelled_with_batch = models.BooleanField(default=False)

    # Whoever claimed it has it until then. Two claims never share a value, so it also tells whose turn it is.
    leased_until = models.DateTimeField(null=True, blank=True)
    # Claims since the last outcome. Many of them mean that whoever takes it up dies of it.
    claims = models.PositiveSmallIntegerField(default=0, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(editable=False)
    # When somebody or the plan last gave it a time or words; sending changes neither.
    changed_at = models.DateTimeField(null=True, editable=False)
    # As a batch's; but claims and leases, which no app sees, leave it alone.
    stamped_at = models.DateTimeField(db_default=Now(), editable=False)

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
            models.Index(
                fields=["again_at"],
                condition=Q(status="sent", again_at__isnull=False),
                name="reminder_to_send_again",
            ),
            models.Index(fields=["batch", "alert_at", "id"], name="reminder_of_batch"),
            models.Index(fields=["batch", "stamped_at", "id"], name="reminder_stamped_of_batch"),
            models.Index(
                fields=["grains", "alert_at", "id"],
                condition=Q(grains__isnull=False),
                name="reminder_of_grains",
            ),
            models.Index(
                fields=["batch", "alert_at"], condition=Q(status="failed"), name="reminder_failed_of_batch"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "kind"],
                condition=Q(status="waiting") & ~Q(kind=Kind.CUSTOM),
                name="reminder_of_a_kind_waits_once",
                violation_error_message=_("Such a reminder is waiting already."),
                violation_error_code="waiting_already",
            ),
            models.UniqueConstraint(
                fields=["grains", "kind"],
                condition=Q(status="waiting", grains__isnull=False),
                name="reminder_of_a_kind_waits_once_for_grains",
                violation_error_message=_("Such a reminder is waiting already."),
                violation_error_code="waiting_already",
            ),
            models.CheckConstraint(
                condition=Q(batch__isnull=False, grains__isnull=True)
                | Q(batch__isnull=True, grains__isnull=False),
                name="reminder_is_of_a_batch_or_of_grains",
                violation_error_message=_("A reminder is about a batch, or about a culture."),
                violation_error_code="about_what",
            ),
            models.CheckConstraint(
                condition=~Q(message=""),
                name="reminder_says_something",
                violation_error_message=_("Say what to be reminded of."),
                violation_error_code="blank",
            ),
            models.CheckConstraint(
                condition=~Q(status="sent", sent_at=None) & ~Q(status="done", done_at=None),
                name="reminder_says_when_it_was_sent_and_done",
                violation_error_message=_("A sent or done reminder has its time."),
                violation_error_code="no_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.kind} at {self.due_at:%Y-%m-%d %H:%M}Z"

    @property
    def about(self) -> Batch | Grains:
        what = self.batch or self.grains
        assert what is not None  # noqa: S101 the database sees to it
        return what

    @property
    def path(self) -> str:
        """Where what it is about is looked at."""
        return f"/batches/{self.batch_id}" if self.batch_id else f"/grains/{self.grains_id}"

    @property
    def is_waiting(self) -> bool:
        return self.status == self.Status.WAITING

    @property
    def is_open(self) -> bool:
        """It can still be done, put off or skipped."""
        return self.status in {self.Status.WAITING, self.Status.SENT, self.Status.FAILED}

    def is_due(self, now: datetime) -> bool:
        return self.is_waiting and self.wanted_at <= now

    @property
    def wanted_at(self) -> datetime:
        """When its keeper wants to hear of it, whatever holds it up."""
        return self.snoozed_until or self.due_at


class Delivery(models.Model):
    """What became of carrying one round of a reminder over one channel to one address."""

    class Status(models.TextChoices):
        SENT = "sent", _("Sent")
        RETRY = "retry", _("To be tried again")
        FAILED = "failed", _("Failed")
        UNKNOWN = "unknown", _("Nobody knows")

    # The database does not check it: a hundred look-ups and row locks more for each hundred messages. Rows are
    # written by the engine alone, and go with their reminder by Django's hand. The unique constraint begins with it.
    reminder = models.ForeignKey(
        Reminder, on_delete=models.CASCADE, related_name="deliveries", db_constraint=False, db_index=False
    )
    round = models.PositiveSmallIntegerField()
    channel = models.CharField(max_length=10)
    # The device's key, or "email": never the address itself, which is personal and may change hands.
    address = models.CharField(max_length=20)
    status = models.CharField(max_length=7, choices=Status)
    attempts = models.PositiveSmallIntegerField()
    next_try_at = models.DateTimeField(null=True, blank=True)
    # An earlier try may have arrived.
    uncertain = models.BooleanField(default=False)
    error = models.CharField(max_length=300, blank=True)
    ticket = models.CharField(max_length=100, blank=True)
    receipt_due_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name_plural = "deliveries"
        indexes = [
            models.Index(
                fields=["receipt_due_at"],
                condition=Q(receipt_due_at__isnull=False),
                name="delivery_by_receipt_due",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["reminder", "round", "channel", "address"],
                name="delivery_is_one_row_for_a_round_and_an_address",
                violation_error_message=_("This was noted already."),
                violation_error_code="noted_already",
            ),
            models.CheckConstraint(
                condition=~Q(status="sent", sent_at=None) & ~Q(status="retry", next_try_at=None),
                name="delivery_says_when_it_was_sent_or_is_tried",
                violation_error_message=_("A delivery has its time, or that of its next try."),
                violation_error_code="no_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reminder_id} round {self.round} by {self.channel}: {self.status}"


class Heartbeat(models.Model):
    """When something that repeats last ran: the tick, from where the engine begins to look."""

    name = models.CharField(max_length=20, primary_key=True)
    beat_at = models.DateTimeField()
    # No reminder that waits has its alert before then: what lies there are dead rows, not to be walked over.
    nothing_before = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} at {self.beat_at:%Y-%m-%d %H:%M:%S}Z"

    @classmethod
    def last_tick(cls) -> datetime | None:
        return cls.objects.filter(name="tick").values_list("beat_at", flat=True).first()


class Tally(models.Model):
    """One share of a count: the sum of the slots of a figure and label is the figure."""

    figure = models.CharField(max_length=20)
    label = models.CharField(max_length=20)
    slot = models.PositiveSmallIntegerField()
    value = models.FloatField()

    class Meta:
        verbose_name_plural = "tallies"
        constraints = [
            models.UniqueConstraint(
                fields=["figure", "label", "slot"],
                name="tally_is_one_row_a_slot",
                violation_error_message=_("This is counted already."),
                violation_error_code="counted_already",
            )
        ]

    def __str__(self) -> str:
        return f"{self.figure} {self.label}: {self.value:g}"
