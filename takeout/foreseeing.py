"""What would become of a table's rows, in the words of whoever is to say yes to it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from accounts import units
from accounts.models import User
from accounts.units import Unit, Units
from batches.models import Batch
from takeout.tables import Table

SHOWN = 8
LABELS: Mapping[str, Any] = {
    "name": _("Name"),
    "culture": _("Culture"),
    "started_at": _("Started"),
    "water_volume_ml": _("Water, tea, milk or brine"),
    "sugar_grams": _("Sugar"),
    "sugar_type": _("Kind of sugar"),
    "grains_grams": _("Grains or starter"),
    "fruits": _("Fruits and spices"),
    "temperature_c": _("How warm it stands"),
    "target_hours": _("Hours in the jar"),
    "notes": _("Notes for yourself"),
    "bottled_at": _("Bottled"),
    "bottle_count": _("How many bottles"),
    "bottle_volume_ml": _("Each holds"),
    "bottle_kind": _("Kind of bottle"),
    "added_sugar_grams": _("Sugar added"),
    "bottled_temperature_c": _("How warm the bottles stand"),
    "bottled_target_hours": _("Hours in the bottle"),
    "stage": _("Stage"),
    "status": _("Status"),
}
# Said without a label, or too long to say.
SAID_FIRST = ("name", "culture", "started_at", "notes")


def foreseen(table: Table, sown: Sequence[tuple[int, dict[str, Any], Batch]], user: User) -> dict[str, Any]:
    return {
        "columns": [
            {
                "heading": one.heading,
                "field": one.field,
                "label": str(LABELS[one.field]),
                "unit": one.unit.symbol if one.unit else "",
            }
            for one in table.columns
        ],
        "ignored": table.ignored,
        "fresh": len(sown),
        "known": len(table.rows) - len(sown),
        "others": table.others,
        "sample": [
            {"line": number, "name": batch.name, "told": told(batch, values, user)}
            for number, values, batch in sown[:SHOWN]
        ],
    }


def told(batch: Batch, said: Iterable[str], user: User) -> str:
    """“Water kefir, 1 March 2026 · Sugar: 80 g”: what it is and since when, then what else the row says."""
    first = f"{batch.get_culture_display()}, {in_words(batch, 'started_at', user)}"
    others = [name for name in LABELS if name in said and name not in SAID_FIRST]
    return " · ".join([first, *(f"{LABELS[name]}: {in_words(batch, name, user)}" for name in others)])


def in_words(batch: Batch, name: str, user: User) -> str:
    value = getattr(batch, name)
    if unit := unit_of(name, units.units_of(user)):
        return unit.words(value)
    if isinstance(value, datetime):
        return date_format(value.astimezone(user.zone), "DAY")
    if isinstance(value, list):
        return " & ".join(value)
    if isinstance(value, float):
        return units.number(value)
    display = getattr(batch, f"get_{name}_display", None)
    return str(display() if display else value)


def unit_of(name: str, own: Units) -> Unit | None:
    by_ending = {"_ml": own.volume, "_grams": own.weight, "_c": own.temperature}
    return next((unit for ending, unit in by_ending.items() if name.endswith(ending)), None)
