"""The one statement of /export.csv: everything of a person's, a row each, written by PostgreSQL itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from accounts.models import Device, User
from batches.grain_models import Grains
from batches.models import Batch
from takeout.formulas import harmless_in_sql

# What people wrote is always in quotes: where a semicolon separates, it would open a new cell.
WRITTEN = (
    "batchName", "name", "sugarType", "fruits", "notes", "publicNote", "description", "message", "why",
    "data", "deviceId", "appVersion", "disabledReason", "sensor", "grains",
)  # fmt: skip
COLUMNS = (
    "recordType", "id", "batch", "batchName", "kind", "occurredAt", "description", "ph", "brix",
    "temperatureC", "taste", "fizz", "sign", "phBy", "data", "name", "culture", "stage", "status", "waterVolumeMl",
    "sugarGrams", "sugarType", "grainsGrams", "fruits", "startedAt", "targetHours", "bottledAt",
    "bottleCount", "bottleVolumeMl", "bottleKind", "addedSugarGrams", "bottledTemperatureC",
    "bottledTargetHours", "inFridgeAt", "readyAt", "archivedAt", "notes", "isPublic", "publicNote", "parent",
    "grains", "newGrains", "version", "gotAt", "weighedAt", "grams", "sensor", "measuredAt", "gravitySg", "pressureBar",
    "angle", "batteryV", "batteryPercent", "rssi", "takenAt", "width", "height", "bytes", "contentType",
    "message", "why", "dueAt", "snoozedUntil", "sentAt", "doneAt", "deviceId", "platform", "appVersion",
    "lastSeenAt", "disabledAt", "disabledReason", "createdAt", "updatedAt",
)  # fmt: skip


@dataclass(frozen=True)
class Record:
    """One type of row: where its rows come from, and what stands in those columns that it fills."""

    type: str
    rows: str
    cells: Mapping[str, str]

    def select(self) -> str:
        cells = {"recordType": f"'{self.type}'", **self.cells}
        # The first part of a UNION names the columns and gives their type.
        row = ", ".join(f'{cells.get(column, "NULL")}::text AS "{column}"' for column in COLUMNS)
        return f"SELECT {row} FROM {self.rows}"  # noqa: S608 our own words only


def moment(column: str) -> str:
    return f"""to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')"""


def truth(column: str) -> str:
    return f"CASE WHEN {column} THEN 'true' ELSE 'false' END"


def written(expression: str) -> str:
    return f"({harmless_in_sql(f'({expression})')})"


def of_each_batch(table: str, order: str) -> str:
    """Batch by batch, so that an index gives the order and nothing is sorted."""
    # The name is made harmless once for a batch, not once for each of its rows.
    return (
        f"(SELECT id, {written('name')} AS name FROM mine) AS batch CROSS JOIN LATERAL"  # noqa: S608
        f" (SELECT * FROM {table} WHERE batch_id = batch.id ORDER BY {order}) AS one"
    )


RECORDS = (
    Record(
        "batch",
        "mine",
        {
            "id": "id", "batch": "id", "batchName": written("name"), "name": written("name"),
            "culture": "culture", "stage": "stage", "status": "status", "waterVolumeMl": "water_volume_ml",
            "sugarGrams": "sugar_grams", "sugarType": written("sugar_type"), "grainsGrams": "grains_grams",
            "fruits": written("array_to_string(fruits, ', ')"), "temperatureC": "temperature_c",
            "startedAt": moment("started_at"), "targetHours": "target_hours",
            "bottledAt": moment("bottled_at"), "bottleCount": "bottle_count",
            "bottleVolumeMl": "bottle_volume_ml", "bottleKind": "bottle_kind",
            "addedSugarGrams": "added_sugar_grams", "bottledTemperatureC": "bottled_temperature_c",
            "bottledTargetHours": "bottled_target_hours", "inFridgeAt": moment("in_fridge_at"),
            "readyAt": moment("ready_at"), "archivedAt": moment("archived_at"), "notes": written("notes"),
            "isPublic": truth("is_public"), "publicNote": written("public_note"), "parent": "parent_id",
            "grains": written("(SELECT kept.name FROM batches_grains kept WHERE kept.id = grains_id)"),
            "newGrains": truth("new_grains"),
            "version": "version", "createdAt": moment("created_at"), "updatedAt": moment("updated_at"),
        },
    ),
    Record(
        "event",
        of_each_batch("events_event", "occurred_at DESC, id DESC"),
        {
            "id": "one.id", "batch": "batch.id", "batchName": "batch.name", "kind": "kind",
            "occurredAt": moment("occurred_at"), "description": written("description"), "ph": "ph",
            "brix": "brix", "temperatureC": "temperature_c", "taste": "taste", "fizz": "fizz",
            "sign": "sign", "phBy": "ph_by", "data": "NULLIF(data, '{}')", "createdAt": moment("created_at"),
        },
    ),
    Record(
        "reminder",
        of_each_batch("reminders_reminder", "alert_at, id"),
        {
            "id": "one.id", "batch": "batch.id", "batchName": "batch.name", "kind": "kind",
            "status": "status", "message": written("message"), "why": written("why"),
            "dueAt": moment("due_at"), "snoozedUntil": moment("snoozed_until"), "sentAt": moment("sent_at"),
            "doneAt": moment("done_at"), "createdAt": moment("created_at"),
        },
    ),
    Record(
        "reminder",
        "(SELECT reminders_reminder.*, grains.name AS grains_name FROM grains"
        " JOIN reminders_reminder ON grains_id = grains.id ORDER BY grains_id, alert_at, reminders_reminder.id) AS one",
        {
            "id": "id", "grains": written("grains_name"), "kind": "kind", "status": "status",
            "message": written("message"), "why": written("why"), "dueAt": moment("due_at"),
            "snoozedUntil": moment("snoozed_until"), "sentAt": moment("sent_at"), "doneAt": moment("done_at"),
            "createdAt": moment("created_at"),
        },
    ),
    Record(
        "photo",
        of_each_batch("events_photo", "created_at, id"),
        {
            "id": "one.id", "batch": "batch.id", "batchName": "batch.name", "status": "state",
            "description": written("(SELECT event.description FROM events_event event WHERE event.id = event_id)"),
            "takenAt": moment("taken_at"), "width": "width", "height": "height", "bytes": "size_bytes",
            "contentType": "content_type", "createdAt": moment("created_at"),
        },
    ),
    Record(
        "reading",
        f"(SELECT id, {written('name')} AS name FROM sensors) AS sensor CROSS JOIN LATERAL"  # noqa: S608
        " (SELECT * FROM sensors_reading WHERE sensor_id = sensor.id ORDER BY measured_at) AS one",
        {
            "batch": "one.batch_id", "sensor": "sensor.name", "measuredAt": moment("measured_at"),
            "temperatureC": "temperature_c", "gravitySg": "gravity_sg", "ph": "ph",
            "pressureBar": "pressure_bar", "angle": "angle", "batteryV": "battery_v",
            "batteryPercent": "battery_percent", "rssi": "rssi",
        },
    ),
    Record(
        "grains",
        "grains",
        {
            "id": "id", "name": written("name"), "culture": "culture", "status": "status",
            "gotAt": moment("got_at"), "inFridgeAt": moment("in_fridge_at"), "notes": written("notes"),
            "createdAt": moment("created_at"), "updatedAt": moment("updated_at"),
        },
    ),
    Record(
        "weighing",
        f"(SELECT id, {written('name')} AS name FROM grains) AS kept CROSS JOIN LATERAL"  # noqa: S608
        " (SELECT * FROM batches_weighing WHERE grains_id = kept.id ORDER BY weighed_at, id) AS one",
        {
            "id": "one.id", "grains": "kept.name", "weighedAt": moment("weighed_at"), "grams": "grams",
            "createdAt": moment("created_at"),
        },
    ),
    Record(
        "device",
        "devices",
        {
            "deviceId": written("device_id"), "platform": "platform", "name": written("name"),
            "appVersion": written("app_version"), "lastSeenAt": moment("last_seen_at"),
            "disabledAt": moment("disabled_at"), "disabledReason": written("disabled_reason"),
            "createdAt": moment("created_at"),
        },
    ),
)  # fmt: skip


def everything_of(user: User, records: Sequence[Record] = RECORDS) -> tuple[str, tuple[Any, ...]]:
    """COPY … TO STDOUT, with its parameters. Whose a batch is, is asked where it is decided."""
    mine, whose = Batch.objects.of(user).newest_first().query.sql_with_params()
    devices, theirs = Device.objects.of(user).last_seen_first().query.sql_with_params()
    sensors, whoses = user.sensors.order_by("created_at", "pk").query.sql_with_params()
    grains, those_of = Grains.objects.of(user).oldest_first().query.sql_with_params()
    rows = " UNION ALL ".join(f"({record.select()})" for record in records)
    written = ", ".join(f'"{column}"' for column in WRITTEN)
    how = f"FORMAT csv, HEADER, FORCE_QUOTE ({written}), ENCODING 'UTF8'"
    ours = f"mine AS ({mine}), devices AS ({devices}), sensors AS ({sensors}), grains AS ({grains})"
    return f"COPY (WITH {ours} {rows}) TO STDOUT ({how})", (*whose, *theirs, *whoses, *those_of)
