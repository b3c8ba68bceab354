"""Reads a table of batches, whoever wrote it: which column means what, in which unit, and what is wrong by line."""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts import units
from accounts.units import Unit
from batches.actions import BOTTLING, RECIPE, refuse_future
from batches.cultures import BottleKind, Culture
from batches.models import EARLIEST, Batch
from batches.stages import Stage, Status
from kefir.api.names import camel
from takeout.formulas import as_written
from takeout.refusals import Complaint, NotTaken

MOST_ROWS = 5_000
MOST_COLUMNS, LONGEST_HEADING = 200, 100
MOST_COMPLAINTS = 50
LONGEST_CELL = 10_000
PLACE = ("stage", "status", "bottled_at")
FIELDS = (*RECIPE, "name", "started_at", "notes", *BOTTLING, *PLACE)
# What people call them; letters only, in lower case.
ALSO = {
    "title": "name", "batch": "name", "type": "culture", "ferment": "culture", "kind": "culture",
    "start": "started_at", "started": "started_at", "startdate": "started_at", "date": "started_at",
    "water": "water_volume_ml", "volume": "water_volume_ml", "watervolume": "water_volume_ml",
    "sugar": "sugar_grams", "grains": "grains_grams", "starter": "grains_grams", "fruit": "fruits",
    "flavour": "fruits", "flavor": "fruits", "temperature": "temperature_c", "temp": "temperature_c",
    "hours": "target_hours", "target": "target_hours", "note": "notes", "comment": "notes",
    "bottled": "bottled_at", "bottles": "bottle_count", "bottlevolume": "bottle_volume_ml",
    "addedsugar": "added_sugar_grams", "bottledtemperature": "bottled_temperature_c",
    "bottledtarget": "bottled_target_hours",
}  # fmt: skip
UNITS: Mapping[str, Mapping[str, Unit]] = {
    "_ml": {
        "ml": units.MILLILITRES,
        "l": Unit("l", factor=1000),
        "floz": units.FLUID_OUNCES,
        "oz": units.FLUID_OUNCES,
    },
    "_grams": {"g": units.GRAMS, "grams": units.GRAMS, "kg": Unit("kg", factor=1000), "oz": units.OUNCES},
    "_c": {"c": units.CELSIUS, "f": units.FAHRENHEIT},
    "_hours": {
        "h": Unit("h"),
        "hours": Unit("h"),
        "d": Unit("days", factor=24),
        "days": Unit("days", factor=24),
    },
}
WHOLE = {"water_volume_ml", "bottle_count", "bottle_volume_ml"}
CHOICES: Mapping[str, Any] = {"culture": Culture, "stage": Stage, "status": Status, "bottle_kind": BottleKind}


class NoTable(NotTaken):
    def __init__(self) -> None:
        super().__init__(_("This is no table of text: save it as CSV, in UTF-8."), code="no_table")


class NoColumns(NotTaken):
    def __init__(self) -> None:
        sentence = _(
            "No column of this table is known: the first line must say name, started, culture, sugar (g) …"
        )
        super().__init__(sentence, code="no_columns")


class TooManyRows(NotTaken):
    def __init__(self) -> None:
        super().__init__(_("At most %(most)s rows at once.") % {"most": MOST_ROWS}, code="too_many_rows")


class TooManyColumns(NotTaken):
    def __init__(self) -> None:
        super().__init__(
            _("At most %(most)s columns at once.") % {"most": MOST_COLUMNS}, code="too_many_columns"
        )


@dataclass(frozen=True)
class Column:
    heading: str
    field: str
    unit: Unit | None = None


@dataclass
class Table:
    """What was read: rows by line, ready for the verbs."""

    columns: list[Column] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    rows: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    others: int = 0
    complaints: list[Complaint] = field(default_factory=list)


def read(raw: bytes, *, zone: ZoneInfo, now: datetime) -> Table:
    """Raises NotTaken for what is no such table; what is wrong in a row is among the complaints."""
    lines = csv.reader(StringIO(text_of(raw), newline=""), delimiter=separator_of(raw))
    table = Table()
    try:
        headings = headings_of(next(lines, []))
        meant = [column_of(heading) for heading in headings]
        table.columns = [column for column in meant if column]
        table.ignored = [
            heading for heading, column in zip(headings, meant, strict=True) if heading and not column
        ]
        if not table.columns:
            raise NoColumns
        for cells in lines:
            read_row(table, lines.line_num, headings, meant, cells, zone=zone, now=now)
    except csv.Error as error:
        raise NoTable from error
    return table


def headings_of(cells: list[str]) -> list[str]:
    """What its keeper is shown is never much longer than what they need to know it by."""
    if len(cells) > MOST_COLUMNS:
        raise TooManyColumns
    return [as_written(heading).strip()[:LONGEST_HEADING] for heading in cells]


def text_of(raw: bytes) -> str:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NoTable from error
    if "\0" in text or not text.strip():
        raise NoTable
    return text


def separator_of(raw: bytes) -> str:
    """Whichever the first line has most of."""
    first = raw.partition(b"\n")[0].decode("utf-8", "replace")
    return max(",;\t", key=first.count)


def column_of(heading: str) -> Column | None:
    """“Sugar (oz)”, “sugarGrams”, “Zucker” (which is none)."""
    words, _, unit = heading.replace("[", "(").partition("(")
    letters = only_letters(words)
    known = {only_letters(camel(name)): name for name in FIELDS}
    name = known.get(letters) or ALSO.get(letters)
    if name is None:
        return None
    by_name = next((some for ending, some in UNITS.items() if name.endswith(ending)), {})
    return Column(heading, name, by_name.get(only_letters(unit)) or next(iter(by_name.values()), None))


def only_letters(text: str) -> str:
    return re.sub(r"[^a-z]", "", text.lower())


def read_row(
    table: Table,
    number: int,
    headings: list[str],
    meant: list[Column | None],
    cells: list[str],
    *,
    zone: ZoneInfo,
    now: datetime,
) -> None:
    given = dict(zip(headings, cells, strict=False))
    if given.get("recordType", "batch") != "batch":
        table.others += 1
        return
    if not any(cell.strip() for cell in cells):
        return
    if len(table.rows) >= MOST_ROWS:
        raise TooManyRows
    values = values_of(table, number, zip(meant, cells, strict=False), zone)
    table.rows.append((number, values))
    complain(table, number, values, now=now)


def values_of(
    table: Table, number: int, cells: Iterable[tuple[Column | None, str]], zone: ZoneInfo
) -> dict[str, Any]:
    values = {}
    for column, cell in cells:
        if column and cell.strip():
            try:
                values[column.field] = value_of(column, as_written(cell).strip(), zone)
            except (ValueError, OverflowError):
                say(
                    table,
                    number,
                    column.heading,
                    "invalid",
                    _("“%(cell)s” is not what belongs here.") % {"cell": cell[:40]},
                )
    return values


def value_of(column: Column, text: str, zone: ZoneInfo) -> Any:
    if len(text) > LONGEST_CELL:
        raise ValueError(text)
    if column.field.endswith("_at"):
        return moment(text, zone)
    if column.field in CHOICES:
        return choice(CHOICES[column.field], text)
    if column.field == "fruits":
        return [fruit.strip() for fruit in text.split(",") if fruit.strip()]
    if column.unit or column.field in WHOLE:
        amount = (column.unit or Unit("")).metric(number(text))
        return round(amount) if column.field in WHOLE else round(amount, 3)
    return text


def number(text: str) -> float:
    """With a point or a comma."""
    if not re.fullmatch(r"[+-]?\d+(?:[.,]\d+)?", text, re.ASCII):
        raise ValueError(text)
    return float(text.replace(",", "."))


def moment(text: str, zone: ZoneInfo) -> datetime:
    """2026-03-01, 2026-03-01 14:30, 2026-03-01T13:30:00Z or 1.3.2026; without a zone it is the reader's own."""
    if day := re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", text, re.ASCII):
        text = f"{day[3]}-{day[2]:>02}-{day[1]:>02}"
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=at.tzinfo or zone).astimezone(UTC)


def choice(choices: Any, text: str) -> str:
    """By its value or its label."""
    meant = {
        only_letters(str(word)): str(value) for value, label in choices.choices for word in (value, label)
    }
    try:
        return meant[only_letters(text)]
    except KeyError as error:
        raise ValueError(text) from error


def complain(table: Table, number: int, values: dict[str, Any], *, now: datetime) -> None:
    """All that the model says of single values, and of times; what only rows among each other tell comes later."""
    named = {column.field: column.heading for column in table.columns}
    stand_in = {"name": "x", "started_at": now, "created_at": now, "updated_at": now}
    batch = Batch(**(stand_in | {name: value for name, value in values.items() if name not in PLACE}))
    try:
        batch.clean_fields(exclude=["owner", "parent"])
        for name in ("started_at", "bottled_at"):
            refuse_future(values.get(name), name, now)
    except ValidationError as error:
        for name, errors in error.error_dict.items():
            for one in errors:
                say(table, number, named.get(name, name), one.code or "invalid", " ".join(one.messages))
    if "bottled_at" in values and values["bottled_at"] < values.get("started_at", EARLIEST):
        say(
            table,
            number,
            named["bottled_at"],
            "bottled_before_start",
            _("It cannot be bottled before it was started."),
        )
    complain_of_place(table, number, values, named)


def complain_of_place(table: Table, number: int, values: dict[str, Any], named: dict[str, str]) -> None:
    """What is said of bottles must not be lost because nothing says that it is bottled; nor may both be said."""
    if values.get("stage") == Stage.OPEN and "bottled_at" in values:
        sentence = _("Only a bottled batch has a time of bottling.")
        say(table, number, named["bottled_at"], "not_bottled", sentence)
    elif values.get("stage") != Stage.BOTTLED and "bottled_at" not in values:
        for name in [name for name in BOTTLING if name in values]:
            sentence = _("Only a bottled batch has bottles: say when it was bottled.")
            say(table, number, named[name], "not_bottled", sentence)


def say(table: Table, number: int, heading: str, code: str, sentence: str) -> None:
    if len(table.complaints) < MOST_COMPLAINTS:
        table.complaints.append(Complaint(_("line %(number)s") % {"number": number}, heading, code, sentence))


def fresh_rows(table: Table, known: set[tuple[str, datetime]]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Those that are not here yet: the same name, begun at the same time, is the same jar."""
    for number, values in table.rows:
        at = values.get("started_at")
        if at is None or (values.get("name", ""), to_the_second(at)) not in known:
            yield number, values


def to_the_second(at: datetime) -> datetime:
    return at - timedelta(microseconds=at.microsecond)
