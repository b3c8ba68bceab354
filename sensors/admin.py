from django.contrib import admin

from accounts.admin import ReadOnly
from sensors.models import Reading, Sensor


@admin.register(Sensor)
class SensorAdmin(ReadOnly):
    """For looking only: the sensor is its keeper's, and its token nobody's to see."""

    list_display = ["name", "kind", "owner", "batch", "last_seen_at", "told_silent_at", "removed_at"]
    list_filter = ["kind", "last_seen_at", "removed_at"]
    list_select_related = ["owner", "batch"]
    search_fields = ["=id", "name", "token_beginning", "owner__email", "=batch__id"]
    ordering = ["-created_at", "-id"]
    exclude = ["token_hash"]
    show_full_result_count = False


@admin.register(Reading)
class ReadingAdmin(ReadOnly):
    list_display = ["measured_at", "sensor", "batch", "temperature_c", "gravity_sg", "ph"]
    list_filter = ["measured_at"]
    list_select_related = ["sensor", "batch"]
    search_fields = ["=sensor__id", "=batch__id", "sensor__owner__email"]
    ordering = ["-measured_at", "-id"]
    show_full_result_count = False
