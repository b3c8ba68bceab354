from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.admin import ReadOnly
from batches import actions
from batches.grain_models import Grains, Weighing
from batches.models import Batch, Tombstone, Undo
from batches.past import Forecast, PastStage


@admin.register(Batch)
class BatchAdmin(ReadOnly):
    """For looking, and for the verbs. What a keeper wrote is the keeper's: nothing is typed here."""

    list_display = ["id", "name", "culture", "stage", "status", "owner", "is_public", "started_at"]
    list_filter = ["culture", "stage", "status", "is_public", "started_at"]
    list_select_related = ["owner"]
    search_fields = ["=id", "name", "owner__email"]
    ordering = ["-started_at", "-id"]
    actions = ["archive", "restore", "unshare"]
    show_full_result_count = False

    @admin.action(permissions=["change"], description=_("Archive"))
    def archive(self, request: HttpRequest, queryset: QuerySet[Batch]) -> None:
        self.each(request, queryset, actions.archive, "archived")

    @admin.action(permissions=["change"], description=_("Restore from the archive"))
    def restore(self, request: HttpRequest, queryset: QuerySet[Batch]) -> None:
        self.each(request, queryset, actions.restore, "restored")

    @admin.action(permissions=["change"], description=_("Make private: strangers see it no more"))
    def unshare(self, request: HttpRequest, queryset: QuerySet[Batch]) -> None:
        self.each(request, queryset, actions.unshare, "made private")

    def each(self, request: HttpRequest, batches: QuerySet[Batch], verb: Any, done: str) -> None:
        for batch in batches:
            verb(batch=batch, now=timezone.now())
        self.message_user(request, f"{len(batches)} {done}.", messages.SUCCESS)


@admin.register(Tombstone)
class TombstoneAdmin(ReadOnly):
    list_display = ["thing_id", "kind", "owner", "gone_at"]
    list_filter = ["kind", "gone_at"]
    list_select_related = ["owner"]
    search_fields = ["=thing_id", "owner__email"]
    ordering = ["-pk"]
    show_full_result_count = False


@admin.register(Undo)
class UndoAdmin(ReadOnly):
    list_display = ["id", "batch", "owner", "made_at", "taken_back_at"]
    list_filter = ["made_at", "taken_back_at"]
    list_select_related = ["owner", "batch"]
    search_fields = ["=batch__id", "owner__email"]
    exclude = ["changes"]
    ordering = ["-made_at"]
    show_full_result_count = False


@admin.register(PastStage)
class PastStageAdmin(ReadOnly):
    list_display = ["batch", "culture", "stage", "ending", "ended_at", "reference_hours"]
    list_filter = ["culture", "stage", "ending"]
    list_select_related = ["batch"]
    search_fields = ["=batch__id"]
    ordering = ["-pk"]
    show_full_result_count = False


@admin.register(Forecast)
class ForecastAdmin(ReadOnly):
    list_display = [
        "batch",
        "stage",
        "made_at",
        "earliest_at",
        "median_at",
        "latest_at",
        "confidence",
        "n_history",
    ]
    list_filter = ["culture", "stage", "confidence", "model"]
    list_select_related = ["batch"]
    search_fields = ["=batch__id"]
    ordering = ["-pk"]
    show_full_result_count = False


@admin.register(Grains)
class GrainsAdmin(ReadOnly):
    list_display = ["name", "culture", "status", "owner", "care_at", "told_at"]
    list_filter = ["culture", "status", "care_at"]
    list_select_related = ["owner"]
    search_fields = ["=id", "name", "owner__email"]
    ordering = ["-created_at", "-id"]
    show_full_result_count = False


@admin.register(Weighing)
class WeighingAdmin(ReadOnly):
    list_display = ["grains", "grams", "weighed_at"]
    list_filter = ["weighed_at"]
    list_select_related = ["grains"]
    search_fields = ["=id", "=grains__id"]
    ordering = ["-weighed_at", "-id"]
    show_full_result_count = False
