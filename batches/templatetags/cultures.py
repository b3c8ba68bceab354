"""How cultures of one's own are drawn: their weight over time, and what they want."""

from datetime import datetime, timedelta
from typing import Any

from django import template
from django.template import Context

from accounts.units import number, units_of
from batches import drawing
from batches.grain_models import Grains, Weighing
from batches.labels import state_of_grains

register = template.Library()

LEAST_SPAN_GRAMS = 20.0
# One alone is no line.
FEWEST = 2
SHOWN_AT_HOME = 3
SOON = timedelta(hours=12)


@register.inclusion_tag("batches/grains/_weights.html", takes_context=True)
def weights_of(context: Context, grains: Grains, weighings: list[Weighing]) -> dict[str, Any]:
    """Their line from the first weight to the last, and the same as a table."""
    unit = units_of(context["user"]).weight
    line = [(one.weighed_at, unit.shown(one.grams)) for one in reversed(weighings)]
    return {
        "user": context["user"],
        "csrf_token": context.get("csrf_token"),
        "grains": grains,
        "weighings": weighings,
        "unit": unit.symbol,
        "paper": drawing,
        "panel": drawn(grains.name, line, LEAST_SPAN_GRAMS / unit.factor),
    }


def drawn(name: str, line: drawing.Line, at_least: float) -> drawing.Panel | None:
    """Somebody weighs when there is something to weigh: days between two weights are no gap."""
    if len(line) < FEWEST:
        return None
    return drawing.panel([(name, line)], words=number, at_least=at_least, breaks=False)


@register.filter
def places(stroke: str) -> list[list[str]]:
    """Where each weight stands on its line."""
    return [place.split(",") for place in stroke.split()]


@register.inclusion_tag("batches/grains/_wanting.html", takes_context=True)
def grains_wanting(context: Context, now: datetime) -> dict[str, Any]:
    """For the first page: those that want something today and have no reminder of it, the hungriest first."""
    mine = Grains.objects.of(context["user"]).alive().not_reminded_of()
    found = mine.filter(care_at__lte=now + SOON).order_by("care_at")[:SHOWN_AT_HOME]
    return {"grains": list(found), "now": now}


@register.filter
def grains_state(grains: Grains) -> str:
    """The word that gives it its colour."""
    return state_of_grains(grains.status)
