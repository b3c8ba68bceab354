"""How readings are drawn on a batch's page; a tag, so that batches' templates need no import upwards."""

from collections.abc import Callable
from itertools import groupby
from typing import Any

from django import template
from django.template import Context
from django.utils.translation import gettext as _

from accounts.templatetags.units import temperature
from accounts.units import number, units_of
from batches import drawing
from batches.models import Batch
from sensors import curves
from sensors.curves import Point
from sensors.measures import brix_of
from sensors.models import Reading

register = template.Library()

ROWS = 24
LEAST_SPAN_C, LEAST_SPAN_BRIX = 2.0, 2.0


@register.inclusion_tag("sensors/_chart.html", takes_context=True)
def sensor_chart(context: Context, batch: Batch) -> dict[str, Any]:
    """What sensors measured of the batch, and how they are."""
    if not getattr(batch, "is_watched", True):
        return {}
    person, points = context["user"], curves.points(batch.pk)
    return {
        "user": person,
        "batch": batch,
        "sensors": list(batch.sensors.kept().select_related("latest").oldest_first()),
        "charts": [chart for chart in (of_temperature(points, person), of_gravity(points)) if chart],
        "rows": rows(points, person),
        "several": len({point.sensor_id for point in points}) > 1,
        "paper": drawing,
    }


def of_temperature(points: list[Point], person: object) -> dict[str, Any] | None:
    unit = units_of(person).temperature
    lines = lines_of(
        points, lambda point: None if point.temperature_c is None else unit.shown(point.temperature_c)
    )
    drawn = drawing.panel(lines, words=number, at_least=LEAST_SPAN_C / unit.factor)
    return drawing.described(
        "temperature", _("Temperature"), unit.symbol, drawn, lambda amount: number(amount, ".1f")
    )


def of_gravity(points: list[Point]) -> dict[str, Any] | None:
    lines = lines_of(points, lambda point: None if point.gravity_sg is None else brix_of(point.gravity_sg))
    drawn = drawing.panel(lines, words=number, at_least=LEAST_SPAN_BRIX)
    return drawing.described("gravity", _("Sugar left"), "°Brix", drawn, lambda amount: number(amount, ".1f"))


def lines_of(
    points: list[Point], amount: Callable[[Point], float | None]
) -> list[tuple[str, list[tuple[Any, float]]]]:
    """By sensor, what it measured of one thing."""
    by_sensor = groupby(points, key=lambda point: (point.sensor_id, point.sensor))
    return [
        (name, [(point.at, value) for point in own if (value := amount(point)) is not None])
        for (_, name), own in by_sensor
    ]


def rows(points: list[Point], person: object) -> list[dict[str, Any]]:
    """The same for those who read rather than look: some two dozen moments, the newest first."""
    newest_first = sorted(points, key=lambda point: point.at, reverse=True)
    every = max(1, -(-len(points) // ROWS))
    return [
        {
            "at": point.at,
            "sensor": point.sensor,
            "temperature": temperature(point.temperature_c, person),
            "gravity": gravity_words(point.gravity_sg),
        }
        for point in newest_first[::every]
    ]


@register.filter
def gravity_words(sg: float | None) -> str:
    """“1.042 (10.5 °Brix)”, whose brackets stay on one line."""
    return "" if sg is None else f"{number(sg, '.3f')} ({number(brix_of(sg) + 0.0, '.1f')}\u00a0°Brix)"


@register.filter
def measured_words(reading: Reading, person: object) -> str:
    """What a reading says, in its reader's units."""
    values = [
        temperature(reading.temperature_c, person),
        gravity_words(reading.gravity_sg),
        "" if reading.ph is None else f"pH {number(reading.ph)}",
        "" if reading.pressure_bar is None else f"{number(reading.pressure_bar, '.2f')} bar",
    ]
    return " · ".join(value for value in values if value)


@register.filter
def battery_words(reading: Reading | None) -> str:
    if reading is None:
        return ""
    if reading.battery_percent is not None:
        return f"{reading.battery_percent:.0f} %"
    return "" if reading.battery_v is None else f"{number(reading.battery_v, '.2f')} V"
