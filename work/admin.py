"""The back office's view of jobs: what waits, what was given up and why, and the way back."""

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.admin import ReadOnly
from work import actions
from work.models import Job, Outcome


@admin.register(Job)
class JobAdmin(ReadOnly):
    """For looking, and for replaying what was given up."""

    list_display = ["created_at", "kind", "key", "state", "due_at", "attempts", "error", "ended_at"]
    list_filter = ["state", "kind", "created_at"]
    search_fields = ["=id", "=kind", "=key", "=request_id"]
    ordering = ["-id"]
    actions = ["replay"]
    show_full_result_count = False

    @admin.action(permissions=["change"], description=_("Replay what was given up"))
    def replay(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        """What one refuses is said; the others go on."""
        now, count = timezone.now(), 0
        for job in queryset:
            try:
                actions.replay(job=job, now=now)
                count += 1
            except ValidationError as refusal:
                self.message_user(request, f"{job}: {refusal.messages[0]}", messages.WARNING)
        self.message_user(request, f"{count} will be tried again.", messages.SUCCESS)


@admin.register(Outcome)
class OutcomeAdmin(ReadOnly):
    """The figures of /metrics, in shares that are added up there."""

    list_display = ["kind", "outcome", "slot", "count"]
    list_filter = ["kind", "outcome"]
    search_fields = ["kind", "outcome"]
    ordering = ["kind", "outcome", "slot"]
