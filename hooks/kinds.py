"""What a webhook can tell of."""

from django.db.models import TextChoices


class Kind(TextChoices):
    BATCH_STARTED = "batch.started", "Started"
    BATCH_EDITED = "batch.edited", "Edited"
    BATCH_MOVED = "batch.moved", "Moved"
    BATCH_ARCHIVED = "batch.archived", "Archived"
    BATCH_RESTORED = "batch.restored", "Restored"
    BATCH_SHARED = "batch.shared", "Shared"
    BATCH_UNSHARED = "batch.unshared", "No longer shared"
    EVENT_RECORDED = "event.recorded", "Recorded"
    EVENT_CORRECTED = "event.corrected", "Corrected"
    EVENT_WITHDRAWN = "event.withdrawn", "Withdrawn"
    REMINDER_CONFIRMED = "reminder.confirmed", "Confirmed"
    REMINDER_REPLANNED = "reminder.replanned", "Planned anew"
    REMINDER_SENT = "reminder.sent", "Sent"
    REMINDER_DONE = "reminder.done", "Done"
    REMINDER_SNOOZED = "reminder.snoozed", "Snoozed"
    REMINDER_SKIPPED = "reminder.skipped", "Skipped"
    REMINDER_CANCELLED = "reminder.cancelled", "Cancelled"
    REMINDER_FAILED = "reminder.failed", "Could not be sent"
    PING = "ping", "Test"


# What is told of looks as it does in the API. By name, for this app knows neither events nor reminders.
SHOWN_BY = {
    "batch": "batches.serializers.BatchWire",
    "event": "events.serializers.EventWire",
    "reminder": "reminders.serializers.ReminderWire",
}
GROUPS = {"batch": "Batches", "event": "What happened", "reminder": "Reminders"}


def subject(kind: str) -> str:
    """What it is about: batch, event or reminder."""
    return kind.partition(".")[0]


def in_groups() -> list[tuple[str, list[tuple[str, str]]]]:
    """What can be chosen, as a form shows it; a test goes to everybody."""
    return [
        (title, [(kind.value, str(kind.label)) for kind in Kind if subject(kind) == name])
        for name, title in GROUPS.items()
    ]


CHOICES = [(kind.value, str(kind.label)) for kind in Kind if kind != Kind.PING]
