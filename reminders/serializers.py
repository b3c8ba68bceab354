from rest_framework import serializers

from batches.kinds import Kind
from batches.serializers import SuggestionWire
from kefir.api.sync import SyncQuery
from kefir.api.wire import Instant, ModelWire, WholeNumber, Wire
from reminders.actions import MOST_AT_ONCE
from reminders.models import Reminder


class ReminderWire(ModelWire):
    """`batch` and `batchName`, or `grains` and `grainsName`: the others are null."""

    batch_name = serializers.CharField(source="batch.name", allow_null=True)
    grains_name = serializers.CharField(source="grains.name", allow_null=True)

    class Meta:
        model = Reminder
        fields = [
            "id", "batch", "batch_name", "kind", "message", "due_at", "snoozed_until", "status", "sent_at",
            "done_at", "grains", "grains_name",
        ]  # fmt: skip
        read_only_fields = fields


class WantedReminder(ModelWire):
    kind = serializers.ChoiceField(Kind.choices, required=False)

    class Meta:
        model = Reminder
        fields = ["kind", "due_at", "message"]


class Confirmation(Wire):
    reminders = WantedReminder(many=True, allow_empty=False, max_length=MOST_AT_ONCE)  # type: ignore[call-arg]


class Confirmed(Wire):
    reminders = ReminderWire(many=True)


class Suggestions(Wire):
    suggestions = SuggestionWire(many=True)
    muted = SuggestionWire(
        many=True,
        help_text="Hints that were skipped the last three times with this culture: suggested again once one of them, "
        "confirmed, was done.",
    )


class Later(Wire):
    """Either for so many minutes, or until a time."""

    minutes = WholeNumber(required=False, min_value=1, max_value=60 * 24 * 30)
    until = Instant(required=False)


class ReminderQuery(SyncQuery):
    status = serializers.ChoiceField(Reminder.Status.choices, required=False)
