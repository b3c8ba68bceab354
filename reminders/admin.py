from collections.abc import Callable

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.admin import ReadOnly
from reminders import actions
from reminders.models import Delivery, Heartbeat, Reminder, Tally


@admin.register(Reminder)
class ReminderAdmin(ReadOnly):
    """For looking, and for sending again what failed."""

    list_display = [
        "due_at",
        "message",
        "kind",
        "status",
        "batch",
        "grains",
        "owner",
        "sent_at",
        "attempts",
        "error",
    ]
    list_filter = ["status", "kind", "due_at"]
    list_select_related = ["batch", "grains", "owner"]
    search_fields = ["=id", "=batch__id", "owner__email", "message"]
    ordering = ["-due_at", "-id"]
    actions = ["send_again", "cancel"]
    show_full_result_count = False

    @admin.action(permissions=["change"], description=_("Send again what could not be sent"))
    def send_again(self, request: HttpRequest, queryset: QuerySet[Reminder]) -> None:
        now = timezone.now()
        self.each(
            request, queryset, lambda one: actions.send_again(reminder=one, now=now), "will be tried again"
        )

    @admin.action(permissions=["change"], description="Cancel")
    def cancel(self, request: HttpRequest, queryset: QuerySet[Reminder]) -> None:
        now = timezone.now()
        self.each(request, queryset, lambda one: actions.cancel(reminder=one, now=now), "cancelled")

    def each(
        self,
        request: HttpRequest,
        queryset: QuerySet[Reminder],
        verb: Callable[[Reminder], Reminder],
        done: str,
    ) -> None:
        """What one refuses is said; the others go on."""
        count = 0
        for reminder in queryset:
            try:
                verb(reminder)
                count += 1
            except ValidationError as refusal:
                self.message_user(request, f"{reminder}: {refusal.messages[0]}", messages.WARNING)
        self.message_user(request, f"{count} {done}.", messages.SUCCESS)


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly):
    """What became of each message. The address is a device's key or "email", never the address itself."""

    list_display = ["created_at", "reminder_id", "round", "channel", "address", "status", "attempts", "error"]
    list_filter = ["status", "channel", "created_at"]
    search_fields = ["=reminder__id"]
    ordering = ["-id"]
    show_full_result_count = False


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnly):
    """Whether the tick still runs."""

    list_display = ["name", "beat_at", "nothing_before"]
    list_filter = ["beat_at"]
    search_fields = ["name"]
    ordering = ["name"]


@admin.register(Tally)
class TallyAdmin(ReadOnly):
    """The figures of /metrics, in shares that are added up there."""

    list_display = ["figure", "label", "slot", "value"]
    list_filter = ["figure", "label"]
    search_fields = ["figure", "label"]
    ordering = ["figure", "label", "slot"]
