"""What the API's document says of itself, and how it names what it cannot name by itself."""

from typing import Any

DOCUMENT: dict[str, Any] = {
    "TITLE": "Kefir",
    "DESCRIPTION": "Keep every batch, be reminded at the right minute, answer whoever scans the jar.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "APPEND_COMPONENTS": {
        "securitySchemes": {
            "sensorToken": {"type": "http", "scheme": "bearer", "description": "Of a sensor: kefir_sensor_…"}
        }
    },
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "kefir.api.schema.only_known_fields",
        "kefir.api.schema.refusals_are_problems",
        "kefir.api.schema.also_empty",
    ],
    "ENUM_NAME_OVERRIDES": {
        "StageEnum": "batches.stages.Stage",
        "StatusEnum": "batches.stages.Status",
        "CultureEnum": "batches.cultures.Culture",
        "AdvisoryWireConfidenceEnum": "batches.reasons.GUESSED",
        "BottleKindEnum": "batches.cultures.BottleKind",
        "EventKindEnum": "events.kinds.Kind",
        "LoggedKindEnum": "events.kinds.BY_HAND_CHOICES",
        "ReminderKindEnum": "batches.kinds.Kind",
        "ReminderStatusEnum": "reminders.models.Reminder.Status",
        "ImportKindEnum": "takeout.models.Import.Kind",
        "ImportStateEnum": "takeout.models.Import.State",
        "ExportStateEnum": "takeout.models.Export.State",
        "SensorKindEnum": "sensors.kinds.Kind",
        "GrainKindEnum": "batches.grain_kinds.GrainKind",
        "GrainsStatusEnum": "batches.grain_models.Grains.Status",
    },
}
