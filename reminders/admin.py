from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.admin import ReadOnly
from reminders import actions
from reminders.models import Reminder


@admin.register(Reminder)
class ReminderAdmin(ReadOnly):
    """For looking, and for sending again what failed."""

    list_display = ["due_at", "message", "kind", "status", "batch", "owner", "sent_at", "attempts", "error"]
    list_filter = ["status", "kind", "due_at"]
    list_select_related = ["batch", "owner"]
    search_fields = ["=id", "=batch__id", "owner__email", "message"]
    ordering = ["-due_at", "-id"]
    actions = ["send_again", "cancel"]
    show_full_result_count = False

    @admin.action(permissions=["change"], description="Send again what could not be sent")
    def send_again(self, request: HttpRequest, queryset: QuerySet[Reminder]) -> None:
        count = actions.send_again(reminders=queryset)
        self.message_user(request, f"{count} will be tried again.", messages.SUCCESS)

    @admin.action(permissions=["change"], description="Cancel")
    def cancel(self, request: HttpRequest, queryset: QuerySet[Reminder]) -> None:
        for reminder in queryset:
            try:
                actions.cancel(reminder=reminder)
            except ValidationError as refusal:
                self.message_user(request, f"{reminder}: {refusal.messages[0]}", messages.WARNING)
