"""What earlier batches teach: how long they took, how sour they were, how good the forecasts were."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.requests import SignedInRequest
from accounts.templatetags.units import temperature
from accounts.units import number
from batches import charting, drawing, forecasts
from batches.cultures import Culture
from batches.facts import Ending
from batches.fizz import TRUSTED_RATINGS, learned, ratings_of
from batches.past import MOST_HISTORY, PastStage
from batches.scores import score
from batches.stages import Stage

SHOWN = 100
ENOUGH = 5


@login_required
@require_safe
def records(request: SignedInRequest) -> HttpResponse:
    """Of one culture: the one that is asked for, or the one most brewed."""
    mine = PastStage.objects.of(request.user).filter(ending=Ending.READY)
    brewed = Counter(mine.values_list("culture", flat=True))
    cultures, asked = sorted(brewed), request.GET.get("culture", "")
    culture = asked if asked in cultures else max(cultures, key=brewed.__getitem__, default="")
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
        "sour_chart": sour_chart(rows),
        "paper_of_time": drawing,
        "lively": lively(request.user, culture),
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
        "ph": "" if row.ph_at_ready is None else number(row.ph_at_ready),
    }


def sour_chart(rows: Sequence[PastStage]) -> dict[str, Any] | None:
    """One point is no curve."""
    found = [(row.ended_at, row.ph_at_ready) for row in rows if row.stage == Stage.OPEN]
    line = sorted((at, ph) for at, ph in found if ph is not None)
    panel = drawing.panel([("", line)], words=number, at_least=0.5, breaks=False) if line[1:] else None
    return drawing.described("ready-ph", _("pH when ready"), "", panel, number)


def lively(person: User, culture: str) -> dict[str, Any] | None:
    """How fast this keeper's bottles work, against the typical one, by the fizz that was rated."""
    rated = PastStage.objects.of(person).filter(culture=culture, stage=Stage.BOTTLED)
    newest = rated.exclude(gas_g_per_l_h=None).order_by("-ended_at", "-pk")[:MOST_HISTORY]
    told = list(ratings_of([row.told for row in newest], culture))
    if len(told) < TRUSTED_RATINGS:
        return None
    return {"number": len(told), "times": number(round(learned(told).likely.speed, 1))}


def sour(rows: Sequence[PastStage]) -> dict[str, Any] | None:
    read = [row.ph_at_ready for row in rows if row.ph_at_ready is not None and row.stage == Stage.OPEN]
    return {"lowest": number(min(read)), "highest": number(max(read)), "number": len(read)} if read else None
