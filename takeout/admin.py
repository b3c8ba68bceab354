from django.contrib import admin

from accounts.admin import ReadOnly
from takeout.models import Export, Farewell, Import


@admin.register(Export)
class ExportAdmin(ReadOnly):
    """Who takes their data along, and whether that goes well. What is in it is nobody's business."""

    list_display = ["created_at", "user", "state", "size_bytes", "done", "total", "made_at", "expires_at"]
    list_filter = ["state", "created_at"]
    list_select_related = ["user"]
    search_fields = ["=id", "user__email"]
    ordering = ["-created_at", "-id"]
    exclude = ["key"]
    show_full_result_count = False


@admin.register(Import)
class ImportAdmin(ReadOnly):
    list_display = ["created_at", "user", "kind", "state", "size_bytes", "done", "total", "ended_at"]
    list_filter = ["state", "kind", "created_at"]
    list_select_related = ["user"]
    search_fields = ["=id", "user__email"]
    ordering = ["-created_at", "-id"]
    exclude = ["key", "report"]
    show_full_result_count = False


@admin.register(Farewell)
class FarewellAdmin(ReadOnly):
    """Accounts that are being erased just now. Each row stands for minutes, unless something is in the way."""

    list_display = ["created_at", "id"]
    list_filter = ["created_at"]
    search_fields = ["=id"]
    ordering = ["created_at"]
    fields = ["created_at"]
