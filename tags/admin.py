from django.contrib import admin

from accounts.admin import ReadOnly
from tags.models import JarTag, LabelSheet


@admin.register(JarTag)
class JarTagAdmin(ReadOnly):
    """For looking only: what is on the jar is its keeper's."""

    list_display = ["code", "name", "owner", "batch", "made_at", "claimed_at"]
    list_filter = ["made_at", "claimed_at"]
    list_select_related = ["owner", "batch"]
    search_fields = ["=code", "name", "owner__email", "=batch__id"]
    ordering = ["-made_at", "-id"]
    show_full_result_count = False


@admin.register(LabelSheet)
class LabelSheetAdmin(ReadOnly):
    list_display = ["owner", "preset", "copies", "state", "ordered_at", "made_at"]
    list_filter = ["state", "preset", "ordered_at"]
    list_select_related = ["owner"]
    search_fields = ["=id", "owner__email"]
    ordering = ["-ordered_at", "-id"]
    exclude = ["pdf"]
    show_full_result_count = False
