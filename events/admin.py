from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.admin import ReadOnly
from events import photos
from events.models import DiscardedObject, Event, Photo


@admin.register(Event)
class EventAdmin(ReadOnly):
    """For looking only: the timeline is the keeper's."""

    list_display = ["occurred_at", "kind", "batch", "description", "ph", "brix", "temperature_c", "taste"]
    list_filter = ["kind", "taste", "occurred_at"]
    list_select_related = ["batch"]
    search_fields = ["=id", "=batch__id", "batch__owner__email", "description"]
    ordering = ["-occurred_at", "-id"]
    show_full_result_count = False


@admin.register(Photo)
class PhotoAdmin(ReadOnly):
    """What there is and what became of it. The pictures themselves are the keeper's, and no business of staff."""

    list_display = [
        "created_at",
        "state",
        "batch",
        "content_type",
        "size_bytes",
        "width",
        "height",
        "copied_at",
    ]
    list_filter = ["state", "content_type", "created_at"]
    list_select_related = ["batch"]
    search_fields = ["=id", "=batch__id", "batch__owner__email"]
    ordering = ["-created_at", "-id"]
    show_full_result_count = False
    actions = ["remove"]

    @admin.action(permissions=["change"], description=_("Remove, with its line of the timeline"))
    def remove(self, request: HttpRequest, queryset: QuerySet[Photo]) -> None:
        for photo in queryset.select_related("batch"):
            photos.remove(photo=photo, now=timezone.now())
        self.message_user(request, f"{len(queryset)} removed.", messages.SUCCESS)


@admin.register(DiscardedObject)
class DiscardedObjectAdmin(ReadOnly):
    """What is to be deleted from the bucket. Many old ones mean that the bucket refuses it."""

    list_display = ["key", "due_at"]
    list_filter = ["due_at"]
    search_fields = ["key"]
    ordering = ["due_at"]
