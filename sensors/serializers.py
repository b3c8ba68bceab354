"""What goes over the wire of sensors and readings. Text in, values out; nothing is decided here."""

from datetime import timedelta
from typing import Any

from rest_framework import serializers

from batches.serializers import OwnBatchField
from kefir.api.wire import Identifier, Instant, ModelWire, Text, WholeNumber, Wire
from sensors.measures import brix_of
from sensors.models import Reading, Sensor

MEASURED = [
    "temperature_c", "gravity_sg", "ph", "pressure_bar", "angle", "battery_v", "battery_percent", "rssi",
]  # fmt: skip


class Hours(WholeNumber):
    """A span of time in whole hours."""

    def to_internal_value(self, data: Any) -> timedelta:  # type: ignore[override]
        try:
            return timedelta(hours=super().to_internal_value(data))
        except OverflowError:
            self.fail("invalid")

    def to_representation(self, value: timedelta) -> int:  # type: ignore[override]
        return int(value / timedelta(hours=1))


def hours() -> Hours:
    return Hours(
        required=False,
        allow_null=True,
        help_text="Hours without a reading after which its keeper is told, 1 to 168; null: never.",
    )


class ReadingWire(ModelWire):
    brix = serializers.SerializerMethodField(
        help_text="°Brix of the gravity; apparent, once there is alcohol."
    )
    raw = serializers.DictField(read_only=True, help_text="What else was sent, as it came.")

    class Meta:
        model = Reading
        fields = ["id", "sensor", "batch", "measured_at", *MEASURED, "brix", "raw"]
        read_only_fields = fields

    def get_brix(self, reading: Reading) -> float | None:
        return None if reading.gravity_sg is None else round(brix_of(reading.gravity_sg), 1)


class SensorWire(ModelWire):
    silent_after = hours()
    latest = ReadingWire(read_only=True, allow_null=True)
    is_silent = serializers.BooleanField(read_only=True)
    has_low_battery = serializers.BooleanField(read_only=True)

    class Meta:
        model = Sensor
        fields = [
            "id", "name", "kind", "batch", "token_beginning", "silent_after", "last_seen_at", "latest",
            "is_silent", "has_low_battery", "created_at",
        ]  # fmt: skip
        read_only_fields = fields


class AddedSensor(SensorWire):
    token = serializers.CharField(help_text="Shown this once: Kefir keeps a hash of it.")

    class Meta(SensorWire.Meta):
        fields = [*SensorWire.Meta.fields, "token"]


class SensorChanges(ModelWire):
    name = Text(max_length=100, required=False)
    batch = OwnBatchField(required=False, allow_null=True)
    silent_after = hours()

    class Meta:
        model = Sensor
        fields = ["name", "batch", "silent_after"]


class NewSensor(SensorChanges):
    id = Identifier(required=False, help_text="Chosen by the client.")
    name = Text(max_length=100)

    class Meta:
        model = Sensor
        fields = ["id", "name", "batch", "silent_after"]


class ReadingQuery(Wire):
    since = Instant(required=False, help_text="Only what was measured then or later.")


class Taken(ReadingWire):
    """What became of what a gadget sent."""

    accepted = serializers.SerializerMethodField(help_text="False for a reading that was here already.")
    detail = serializers.SerializerMethodField(help_text="Such as that the sensor is in no batch; or empty.")

    class Meta(ReadingWire.Meta):
        fields = ["accepted", "detail", "batch", "measured_at", *MEASURED, "brix"]
        read_only_fields = fields

    def get_accepted(self, reading: Reading) -> bool:
        return bool(self.context.get("is_new"))

    def get_detail(self, reading: Reading) -> str:
        if not self.context.get("is_new"):
            return "This reading was here already."
        return "" if reading.batch_id else "Kept, but the sensor is in no batch. Say in which one, in Kefir."
