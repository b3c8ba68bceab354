"""What a webhook can tell of."""

from collections.abc import Mapping

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Kind(TextChoices):
    BATCH_STARTED = "batch.started", _("Started")
    BATCH_EDITED = "batch.edited", _("Edited")
    BATCH_MOVED = "batch.moved", _("Moved")
    BATCH_ARCHIVED = "batch.archived", _("Archived")
    BATCH_RESTORED = "batch.restored", _("Restored")
    BATCH_SHARED = "batch.shared", _("Shared")
    BATCH_UNSHARED = "batch.unshared", _("No longer shared")
    EVENT_RECORDED = "event.recorded", _("Recorded")
    EVENT_CORRECTED = "event.corrected", _("Corrected")
    EVENT_WITHDRAWN = "event.withdrawn", _("Withdrawn")
    REMINDER_CONFIRMED = "reminder.confirmed", _("Confirmed")
    REMINDER_REPLANNED = "reminder.replanned", _("Planned anew")
    REMINDER_SENT = "reminder.sent", _("Sent")
    REMINDER_DONE = "reminder.done", _("Done")
    REMINDER_SNOOZED = "reminder.snoozed", _("Snoozed")
    REMINDER_SKIPPED = "reminder.skipped", _("Skipped")
    REMINDER_CANCELLED = "reminder.cancelled", _("Cancelled")
    REMINDER_FAILED = "reminder.failed", _("Could not be sent")
    PING = "ping", _("Test")


# What is told of looks as it does in the API. By name, for this app knows neither events nor reminders.
SHOWN_BY = {
    "batch": "batches.serializers.BatchWire",
    "event": "events.serializers.EventWire",
    "reminder": "reminders.serializers.ReminderWire",
}
Label = str | Promise
GROUPS: Mapping[str, Label] = {"batch": _("Batches"), "event": _("What happened"), "reminder": _("Reminders")}


def subject(kind: str) -> str:
    """What it is about: batch, event or reminder."""
    return kind.partition(".")[0]


def in_groups() -> list[tuple[Label, list[tuple[str, Label]]]]:
    """What can be chosen, as a form shows it; a test goes to everybody."""
    return [
        (title, [(kind.value, kind.label) for kind in Kind if subject(kind) == name])
        for name, title in GROUPS.items()
    ]


CHOICES = [(kind.value, kind.label) for kind in Kind if kind != Kind.PING]
