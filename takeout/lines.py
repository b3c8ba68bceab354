"""Reads one line of an archive: every value is what its field wants, or it is refused by name."""

import json
import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Field
from django.utils.translation import gettext as _

from batches.actions import CLOCK_SKEW
from batches.identifiers import canonical, named
from batches.models import EARLIEST, Batch
from batches.stages import Stage, Status
from events.kinds import BY_MOVING, Kind
from events.models import Event
from reminders.actions import FURTHEST
from takeout.contents import Content, Line

# These lie ahead by nature; all others have happened.
AHEAD = {"dueAt", "snoozedUntil", "pausedUntil"}
LONGEST_LINE = 64 * 1024


def wrong(sentence: str, code: str) -> ValidationError:
    return ValidationError(sentence, code=code)


def parsed(raw: bytes) -> Line:
    """A JSON object of readable text; raises ValueError."""
    line = json.loads(raw.decode("utf-8"), parse_constant=refuse_constant, object_pairs_hook=names_once)
    if not isinstance(line, dict) or not is_storable(json.dumps(line, ensure_ascii=False)):
        raise ValueError(_("no object of plain text"))
    return line


def refuse_constant(name: str) -> None:
    raise ValueError(name)


def names_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    line = dict(pairs)
    if len(line) < len(pairs):
        raise ValueError(_("a name is given twice"))
    return line


def is_storable(text: str) -> bool:
    """Neither half characters (`encode` refuses them) nor the one that PostgreSQL keeps in no text."""
    text.encode()
    return "\\u0000" not in text.replace("\\\\", "")


def values_of(content: Content, line: Line, *, now: datetime) -> dict[str, Any]:
    """By the name of its column, what stands in each field. Raises ValidationError, by the names of the line."""
    errors: dict[str, Any] = {
        name: wrong(_("There is no such field."), "unknown_field")
        for name in line.keys() - content.columns.keys()
    }
    values = {}
    for name, column in content.columns.items():
        try:
            values[column.attname] = value_of(column, line[name]) if name in line else left_out(column)
            refuse_impossible_time(name, values[column.attname], now=now)
        except ValidationError as error:
            errors[name] = error
    if not errors and content.model is Event and not is_fitting(values["kind"], values["data"]):
        errors["data"] = wrong(_("This does not fit the kind."), "invalid")
    if errors:
        raise ValidationError(errors)
    return values


def left_out(column: "Field[Any, Any]") -> Any:
    """What an older Kefir did not know of is as with what is new."""
    if column.primary_key or not (column.null or column.blank or column.has_default()):
        raise wrong(_("This field is missing."), "required")
    return column.get_default()


def value_of(column: "Field[Any, Any]", given: Any) -> Any:
    if given is None:
        if not column.null:
            raise wrong(_("This may not be empty."), "null")
        return None
    try:
        value = reader_of(column)(given)
    except (ValueError, TypeError, OverflowError) as error:
        raise wrong(_("This is not what belongs here."), "invalid") from error
    if isinstance(column, models.ForeignKey):
        return value
    return column.clean(value, None)


def reader_of(column: "Field[Any, Any]") -> Callable[[Any], Any]:
    if isinstance(column, models.ForeignKey):
        return reader_of(column.target_field)
    if column.model is Batch and column.primary_key:
        return batch_id
    return next(read for kind, read in READERS.items() if isinstance(column, kind))


def batch_id(given: Any) -> str:
    if not isinstance(given, str) or named(given) != given:
        raise ValueError(given)
    return canonical(given)


def moment(given: Any) -> datetime:
    if not isinstance(given, str) or not given.endswith("Z"):
        raise ValueError(given)
    return datetime.fromisoformat(given).astimezone(UTC)


def number(given: Any) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float) or not math.isfinite(given):
        raise ValueError(given)
    return float(given)


def exactly(kind: type, given: Any) -> Any:
    if type(given) is not kind:
        raise ValueError(given)
    return given


def texts(given: Any) -> list[str]:
    return [exactly(str, one) for one in exactly(list, given)]


READERS: Mapping[Any, Callable[[Any], Any]] = {
    models.DateTimeField: moment,
    models.TimeField: lambda given: time.fromisoformat(exactly(str, given)),
    models.DurationField: lambda given: timedelta(seconds=number(given)),
    models.UUIDField: lambda given: UUID(exactly(str, given)),
    models.BooleanField: lambda given: exactly(bool, given),
    models.FloatField: number,
    models.IntegerField: lambda given: exactly(int, given),
    ArrayField: texts,
    models.JSONField: lambda given: exactly(dict, given),
    models.CharField: lambda given: exactly(str, given),
    models.TextField: lambda given: exactly(str, given),
}


def refuse_impossible_time(name: str, value: Any, *, now: datetime) -> None:
    if not isinstance(value, datetime):
        return
    if value < EARLIEST:
        raise wrong(_("That is too long ago to be true."), "out_of_range")
    if value > now + (FURTHEST if name in AHEAD else CLOCK_SKEW):
        raise wrong(_("That is in the future."), "in_the_future")


def is_fitting(kind: str, data: Mapping[str, Any]) -> bool:
    """Moves say from where to where; of a photo that cannot be shown it is said so; nothing else says anything."""
    if kind in BY_MOVING:
        return data.keys() == {"from", "to"} and all(is_place(place) for place in data.values())
    return data == {} or (kind == Kind.PHOTO and data == {"refused": True})


def is_place(place: Any) -> bool:
    return (
        isinstance(place, dict)
        and place.keys() == {"stage", "status"}
        and place["stage"] in Stage.values
        and place["status"] in Status.values
    )
