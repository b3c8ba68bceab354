"""What a gadget sent, read: which kind of gadget it is, and its numbers in our units.

The shapes are those that the makers document:
iSpindel, generic HTTP: github.com/universam1/iSpindel (Sender, docs/README) and GravityMon's “iSpindle format”;
Tilt's cloud URL, as Tilt Pi and bridges send it: tilthydrometer.com; RAPT's custom web hooks, with its @variables under
their own names: docs.rapt.io/integrations/web-hooks; Brewfather's custom stream: docs.brewfather.app.
"""

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from accounts import units
from sensors import measures
from sensors.kinds import Kind
from sensors.measures import RANGES

NUMBER = re.compile(r"\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)
LONGEST_NAME, LONGEST_TIME, LONGEST_REST, DEEPEST = 100, 64, 2_000, 3


class NotUnderstood(ValidationError):
    def __init__(self) -> None:
        super().__init__(
            _("This looks like none of the gadgets Kefir knows: iSpindel, Tilt, RAPT or a custom stream."),
            code="unknown_shape",
        )


class SaysNothing(ValidationError):
    def __init__(self) -> None:
        super().__init__(_("There is no temperature, gravity or other value in it."), code="says_nothing")


def wrong(name: str, sentence: str, code: str) -> ValidationError:
    return ValidationError({name: ValidationError(sentence, code=code)})


@dataclass(kw_only=True)
class Said:
    """One reading: `values` by our fields in our units, and the `rest` as it came.

    `device_time` is the gadget's own word for when: the same word again is the same reading. `measured_at` is that
    word where it can be trusted to mean one moment. `in_plato`: its gravity can only have been °Plato (or only
    a gravity); None where it can have been either.
    """

    kind: Kind
    name: str = ""
    values: dict[str, float] = field(default_factory=dict)
    device_time: str = ""
    measured_at: datetime | None = None
    in_plato: bool | None = None
    rest: dict[str, Any] = field(default_factory=dict)


class Fields:
    """What was sent. Whatever is read is taken out, so that the rest is left."""

    def __init__(self, sent: Mapping[str, Any], *, in_plato: bool) -> None:
        self.left = dict(sent)
        self.in_plato = in_plato

    def take(self, *names: str) -> tuple[str, Any]:
        """The first of these that says something, and its name."""
        found = [(name, value) for name in names if says(value := self.left.pop(name, None))]
        return found[0] if found else (names[0], None)

    def text(self, *names: str, longest: int = LONGEST_NAME) -> str:
        _, value = self.take(*names)
        return cleaned(str(value))[:longest] if isinstance(value, str | int | float) else ""

    def unit(self, *names: str, default: str) -> tuple[str, str]:
        name, value = self.take(*names)
        return name, str(value or default).strip().lstrip("°").upper()

    def number(self, *names: str) -> tuple[str, float | None]:
        name, value = self.take(*names)
        return name, None if value is None else number(name, value)


def says(value: Any) -> bool:
    """RAPT leaves “@gravity” in the place of what a device does not measure."""
    return value not in (None, "") and not (isinstance(value, str) and value.startswith("@"))


def number(name: str, value: Any) -> float:
    """Gadgets send numbers as text, too."""
    if isinstance(value, str) and NUMBER.fullmatch(value):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise wrong(name, _("“%(name)s” must be a number.") % {"name": name}, "invalid")
    try:
        finite = float(value)
    except OverflowError:
        finite = math.inf
    if not math.isfinite(finite):
        raise wrong(name, _("“%(name)s” must be a number that is not infinite.") % {"name": name}, "invalid")
    return finite


def cleaned(text: str) -> str:
    """On one line, without characters that no database keeps."""
    return "".join(" " if character < " " or character == "\x7f" else character for character in text).strip()


def read(sent: Any, *, in_plato: bool = False) -> Said:
    """Understand one body. `in_plato` is what is known of the gadget: a gravity that could be either is °Plato."""
    if not isinstance(sent, Mapping):
        raise NotUnderstood
    fields = Fields({name: value for name, value in sent.items() if name != "token"}, in_plato=in_plato)
    kind = kind_of(fields.left.keys())
    said = Said(kind=kind)
    READERS[kind](fields, said)
    if not said.values:
        raise SaysNothing
    said.rest = kept(fields.left)
    return said


def kind_of(names: Any) -> Kind:
    for kind, telling in TELLING.items():
        if telling & names:
            return kind
    raise NotUnderstood


def ispindel(fields: Fields, said: Said) -> None:
    said.name = fields.text("name")
    temperature(fields, said, ["temperature"], ["temp_units", "temp-units", "temp_unit"])
    gravity(fields, said, "gravity", "gravity_unit", "gravity-unit", "gravity-format")
    plain(fields, said, angle=["angle"], battery_v=["battery"], rssi=["RSSI", "rssi"])


def tilt(fields: Fields, said: Said) -> None:
    """Its time point counts days in a zone of its own: good enough to know a reading again, and for nothing else."""
    said.name = " ".join(["Tilt", fields.text("Color").capitalize()]).strip()
    said.device_time = fields.text("Timepoint", longest=LONGEST_TIME)
    temperature(fields, said, ["Temp"], ["temp_unit"], default="F")
    gravity(fields, said, "SG")
    plain(fields, said, rssi=["rssi", "RSSI"])


def rapt(fields: Fields, said: Said) -> None:
    said.name = fields.text("device_name")
    said.device_time = fields.text("created_date", longest=LONGEST_TIME)
    said.measured_at = moment(said.device_time)
    temperature(fields, said, ["temperature"], ["temp_unit"])
    gravity(fields, said, "gravity")
    plain(fields, said, battery_percent=["battery"], rssi=["rssi"])


def stream(fields: Fields, said: Said) -> None:
    said.name = fields.text("name")
    temperature(fields, said, ["temp"], ["temp_unit"])
    gravity(fields, said, "gravity", "gravity_unit")
    pressure(fields, said)
    plain(fields, said, ph=["ph"], battery_v=["battery"], rssi=["rssi"])


def temperature(
    fields: Fields, said: Said, names: list[str], units: list[str], *, default: str = "C"
) -> None:
    name, amount = fields.number(*names)
    unit_name, unit = fields.unit(*units, default=default)
    if amount is None:
        return
    try:
        put(said, "temperature_c", name, measures.celsius(amount, unit[:1]))
    except KeyError as error:
        raise wrong(unit_name, _("The unit of temperature must be C, F or K."), "unknown_unit") from error


def gravity(fields: Fields, said: Said, name: str, *units: str) -> None:
    """As 1.042, 1042 or 10.5 °P, whatever the gadget was set to."""
    name, amount = fields.number(name)
    unit = fields.unit(*units, default="")[1] if units else ""
    if amount is None:
        return
    said.in_plato = says_plato(amount, unit)
    if said.in_plato or (said.in_plato is None and fields.in_plato):
        put(said, "gravity_sg", name, measures.sg_of_plato(amount) if -5 <= amount <= 60 else math.inf)
    else:
        put(said, "gravity_sg", name, amount / 1000 if measures.is_thousandths(amount) else amount)


def says_plato(amount: float, unit: str) -> bool | None:
    """None where it could be either: a gravity of 1.05, or what is left at the end in °P."""
    if unit[:1] in {"P", "G", "S"}:
        return unit[:1] == "P"
    return None if measures.is_sg(amount) else not measures.is_thousandths(amount)


def pressure(fields: Fields, said: Said) -> None:
    name, amount = fields.number("pressure")
    unit_name, unit = fields.unit("pressure_unit", default="PSI")
    if amount is None:
        return
    try:
        put(said, "pressure_bar", name, measures.bar(amount, unit))
    except KeyError as error:
        raise wrong(unit_name, _("The unit of pressure must be PSI, BAR or KPA."), "unknown_unit") from error


def plain(fields: Fields, said: Said, **named: list[str]) -> None:
    """What comes in our units."""
    for ours, names in named.items():
        name, amount = fields.number(*names)
        if amount is not None:
            put(said, ours, name, amount)


def put(said: Said, ours: str, name: str, amount: float) -> None:
    low, high, unit = RANGES[ours]
    if not low <= amount <= high:
        raise wrong(
            name,
            _("“%(name)s” must come to between %(low)s and %(high)s %(unit)s.")
            % {"name": name, "low": units.number(low), "high": units.number(high), "unit": unit},
            "out_of_range",
        )
    said.values[ours] = round(amount, 4)


def moment(written: str) -> datetime | None:
    """RFC 3339, or nearly; without an offset it is UTC, as RAPT's servers have it."""
    try:
        at = parse_datetime(written)
        return at.astimezone(UTC) if at and at.tzinfo else at and at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def kept(left: Mapping[str, Any]) -> dict[str, Any]:
    """The fields unknown to us as they came, as many as fit."""
    rest: dict[str, Any] = {}
    for name, value in left.items():
        rest[cleaned(name)[:LONGEST_NAME]] = storable(value)
        if len(json.dumps(rest, ensure_ascii=False)) > LONGEST_REST:
            rest.popitem()
            break
    return rest


def storable(value: Any, depth: int = 0) -> Any:
    """What jsonb takes: no infinity, no NUL; and nothing that is nested absurdly deep."""
    match value:
        case str():
            return cleaned(value)
        case float() if not math.isfinite(value):
            return str(value)
        case dict() | list() if depth == DEEPEST:
            return "…"
        case dict():
            return {cleaned(name): storable(inner, depth + 1) for name, inner in value.items()}
        case list():
            return [storable(inner, depth + 1) for inner in value]
        case _:
            return value


Reader = Callable[[Fields, Said], None]
READERS: dict[Kind, Reader] = {
    Kind.TILT: tilt,
    Kind.RAPT: rapt,
    Kind.ISPINDEL: ispindel,
    Kind.STREAM: stream,
}
# In this order: one such field, and it is that gadget.
TELLING = {
    Kind.TILT: {"SG", "Temp", "Timepoint"},
    Kind.RAPT: {"device_id", "device_type", "created_date"},
    Kind.ISPINDEL: {"ID", "angle", "temp_units", "temp-units", "temperature"},
    Kind.STREAM: {"temp", "aux_temp", "ext_temp", "gravity", "pressure", "ph", "bpm"},
}
