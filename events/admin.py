from django.contrib import admin

from accounts.admin import ReadOnly
from events.models import Event


@admin.register(Event)
class EventAdmin(ReadOnly):
    """For looking only: the timeline is the keeper's."""

    list_display = ["occurred_at", "kind", "batch", "description", "ph", "brix", "temperature_c", "taste"]
    list_filter = ["kind", "taste", "occurred_at"]
    list_select_related = ["batch"]
    search_fields = ["=id", "=batch__id", "batch__owner__email", "description"]
    ordering = ["-occurred_at", "-id"]
    show_full_result_count = False
