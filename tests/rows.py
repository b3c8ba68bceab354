"""All that keepers have written, to show that nothing of it changed."""

from typing import Any

from accounts.models import AccessToken, Device, User
from batches.grain_models import Grains, Weighing
from batches.models import Batch
from events.models import Event, Photo
from hooks.models import Endpoint, HookDelivery, Message
from reminders.models import Delivery, Reminder
from sensors.models import Reading, Sensor
from tags.models import JarTag, LabelSheet

Rows = list[list[dict[str, Any]]]


def everything() -> Rows:
    return rows_of(Batch, Event, Photo, Reminder, Grains, Weighing)


def everything_and_everybody() -> Rows:
    """With what they have set, where they are reached, and what reached them."""
    return [
        *everything(),
        *rows_of(User, Device, AccessToken, Delivery),
        *rows_of(Sensor, Reading, JarTag, LabelSheet),
        *rows_of(Endpoint, Message, HookDelivery),
    ]


# What each write changes, what the engine notes for itself, and when a job was last asked for.
FLEETING = {
    *("version", "updated_at", "stamped_at", "told_at"),
    *("leased_until", "claims", "attempts", "held_until", "alert_at"),
}


def what_is_there() -> Rows:
    """All that an undo brings back as it was."""
    return [
        [{name: row[name] for name in row if name not in FLEETING} for row in rows]
        for rows in [*everything(), *rows_of(JarTag, Sensor)]
    ]


def rows_of(*models: Any) -> Rows:
    return [list(model.objects.order_by("pk").values()) for model in models]
