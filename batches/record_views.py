"""What earlier batches teach: how long they took, how sour they were, how good the forecasts were."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from accounts.requests import SignedInRequest
from accounts.templatetags.units import temperature
from batches import charting, forecasts
from batches.cultures import Culture
from batches.facts import Ending
from batches.past import PastStage
from batches.scores import score
from batches.stages import Stage

SHOWN = 100
ENOUGH = 5


@login_required
@require_safe
def records(request: SignedInRequest) -> HttpResponse:
    """Of one culture: the one that is asked for, or the one most brewed."""
    mine = PastStage.objects.of(request.user).filter(ending=Ending.READY)
    cultures = sorted(set(mine.values_list("culture", flat=True)))
    asked = request.GET.get("culture", "")
    culture = asked if asked in cultures else next(iter(cultures), "")
    rows = list(mine.filter(culture=culture).select_related("batch").order_by("-ended_at", "-pk")[:SHOWN])
    labels, chart = dict(Culture.choices), charting.scatter(points(rows))
    judged = list(forecasts.judged(request.user))
    context = {
        "cultures": [(one, labels[one]) for one in cultures],
        "culture": culture,
        "lines": [line(row, request.user) for row in rows],
        "chart": chart,
        "across": [(mark.place, temperature(mark.value, request.user)) for mark in chart.across]
        if chart
        else [],
        "paper": charting,
        "sour": sour(rows),
        "score": score(judged),
        "hits": sum(one.is_within_80 for one in judged),
        "enough": ENOUGH,
    }
    return TemplateResponse(request, "batches/records.html", context)


def hours(row: PastStage) -> float:
    return (row.ended_at - row.begun_at).total_seconds() / 3600


def points(rows: Sequence[PastStage]) -> list[tuple[float, float, bool]]:
    known = [row for row in rows if row.temperature_c is not None]
    return [(row.temperature_c or 0.0, hours(row), row.stage == Stage.BOTTLED) for row in known]


def line(row: PastStage, person: Any) -> dict[str, Any]:
    return {
        "batch": row.batch,
        "stage": Stage(row.stage).label,
        "ended_at": row.ended_at,
        "hours": round(hours(row)),
        "temperature": temperature(row.temperature_c, person),
        "ph": row.ph_at_ready,
    }


def sour(rows: Sequence[PastStage]) -> dict[str, Any] | None:
    read = [row.ph_at_ready for row in rows if row.ph_at_ready is not None and row.stage == Stage.OPEN]
    return {"lowest": min(read), "highest": max(read), "number": len(read)} if read else None
