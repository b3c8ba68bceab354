from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.admin import ReadOnly
from hooks import actions
from hooks.models import Endpoint, HookDelivery, Message


@admin.register(Endpoint)
class EndpointAdmin(ReadOnly):
    """Without the secrets: nobody but its owner needs them."""

    list_display = ["url", "user", "is_on", "failures", "failing_since_at", "disabled_reason", "created_at"]
    list_filter = ["is_on", "created_at"]
    list_select_related = ["user"]
    search_fields = ["=id", "url", "user__email"]
    ordering = ["-created_at"]
    exclude = ["secret", "former_secret"]


@admin.register(Message)
class MessageAdmin(ReadOnly):
    """Without the words: what people write down is not staff's to read."""

    list_display = ["created_at", "kind", "user"]
    list_filter = ["kind", "created_at"]
    list_select_related = ["user"]
    search_fields = ["=id", "user__email"]
    ordering = ["-created_at"]
    exclude = ["body"]
    show_full_result_count = False


@admin.register(HookDelivery)
class HookDeliveryAdmin(ReadOnly):
    """What became of each, and sending again what was given up."""

    list_display = [
        "created_at",
        "message",
        "endpoint",
        "status",
        "attempts",
        "status_code",
        "error",
        "next_try_at",
    ]
    list_filter = ["status", "created_at"]
    list_select_related = ["message", "endpoint"]
    search_fields = ["=id", "=message__id", "=endpoint__id", "endpoint__user__email"]
    ordering = ["-created_at"]
    actions = ["replay"]
    show_full_result_count = False

    @admin.action(permissions=["change"], description=_("Send again what was given up"))
    def replay(self, request: HttpRequest, queryset: QuerySet[HookDelivery]) -> None:
        replayed, now = 0, timezone.now()
        for delivery in queryset:
            try:
                actions.replay(delivery=delivery, now=now)
                replayed += 1
            except ValidationError as refusal:
                self.message_user(request, f"{delivery}: {refusal.messages[0]}", messages.WARNING)
        self.message_user(request, f"{replayed} will be tried again.", messages.SUCCESS)
