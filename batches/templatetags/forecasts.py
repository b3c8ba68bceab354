"""What is said of a batch beforehand, as its page and the first page show it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django import template
from django.template import Context
from django.utils.timezone import get_current_timezone

from accounts.templatetags.units import temperature
from batches import care, labels, reasons, sayings
from batches.keepers import keeper_of
from batches.kinds import Kind
from batches.labels import Deed
from batches.models import Batch
from batches.pressure import MARGIN_C
from batches.reasons import Confidence
from batches.stages import Place, Status

register = template.Library()

A_MOMENT = timedelta(minutes=6)  # care says “in a moment” of what is so already
CAUTIONS = {
    Kind.NOT_ACID: "danger",
    Kind.TOO_ACID: "danger",
    Kind.TOO_WARM: "open",
    Kind.GRAINS_STARVE: "open",
    Kind.MOULD_LOOK: "open",
}


@register.inclusion_tag("batches/_forecast.html", takes_context=True)
def forecast_of(context: Context, batch: Batch, now: datetime) -> dict[str, Any]:
    """When it is ready, and why; nothing of what no longer works."""
    said = sayings.said_of(batch.facts(), now=now)
    known = {
        "batch": batch,
        "alcohol": said.alcohol,
        "advisory": [] if batch.is_archived or said.alcohol is None else sayings.alcohol_words(said.alcohol),
    }
    if said.ready is None:
        return known
    person = context.get("user")
    return known | {
        "when": sayings.ready_words(said.ready, now=now, zone=get_current_timezone()),
        "is_late": sayings.is_late(said.ready),
        "is_unsure": said.ready.confidence == Confidence.LOW,
        "reasons": [reasons.words(one, temperature=shown_to(person)) for one in said.ready.reasons],
        "missing": [reasons.wanting(one) for one in said.missing],
    }


def shown_to(person: object) -> Any:
    return lambda celsius: temperature(celsius, person)


@register.inclusion_tag("batches/_pressure.html", takes_context=True)
def pressure_of(context: Context, batch: Batch, now: datetime) -> dict[str, Any]:
    """How hard its bottles may be pressed: a band, the limit, and by when they must be cold."""
    facts = batch.facts()
    seen, keeper = sayings.said_of(facts, now=now).pressure, keeper_of(context["user"])
    if seen is None:
        return {}
    return {
        "batch": batch,
        "seen": seen,
        "cold_by": seen.act_by and keeper.in_time_for(seen.act_by, now=now),
        "margin": keeper.warmer(MARGIN_C),
        "bar": sayings.bar_of(seen),
        "words": sayings.pressure_words(seen),
        "utmost": sayings.utmost_words(seen),
        "new_id": new_id(context),
        "csrf_token": context.get("csrf_token"),
        "alarm": sayings.alarm_of(seen, now=now),
        "is_cold": facts.is_cold,
        "is_unknown": sayings.bottle_is_unknown(facts),
    }


@register.inclusion_tag("batches/_alarms.html", takes_context=True)
def alarms(context: Context, batches: Iterable[Batch], now: datetime) -> dict[str, Any]:
    """Bottles that may be at their limit, and what has gone mouldy, with what helps on one tap."""
    batches = list(batches)
    return {
        "alarms": [alarm for one in batches if (alarm := alarm_of(one, now, context))],
        "moulds": [mould for one in batches if (mould := mould_of(one, now, context))],
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("batches/_alarms.html", takes_context=True)
def alarm_on(context: Context, batch: Batch, now: datetime) -> dict[str, Any]:
    """The same, on the batch's own page."""
    return alarms(context, [batch], now) | {"alone": True}


def new_id(context: Context) -> object:
    """Of one form; on a page that is kept, a mark in its place."""
    return context.get("new_id") or uuid4()


def alarm_of(batch: Batch, now: datetime, context: Context) -> dict[str, Any] | None:
    facts = batch.facts()
    seen = labels.usual_clock(facts, now=now, keeper=keeper_of(context["user"]))
    if not seen.is_danger:
        return None
    cold, drunk = (Place(batch.place.stage, status) for status in (Status.IN_FRIDGE, Status.ARCHIVED))
    return {
        "batch": batch,
        "clock": seen,
        "is_unknown": sayings.bottle_is_unknown(facts),
        "to_fridge": None if facts.is_cold else labels.deed(batch.place, cold),
        "drunk": labels.deed(batch.place, drunk) if batch.status == Status.READY else None,
        "new_id": new_id(context),
        "calm_id": new_id(context),
    }


@register.simple_tag
def is_in_alarm(deed: Deed, batch: Batch, now: datetime) -> bool:
    """Whether the alarm has a button for the same: two would make one wonder."""
    if batch.is_mouldy:
        return True
    is_pressing = labels.pressing_clock(batch.facts(), now) is not None
    return is_pressing and deed.to.status == Status.IN_FRIDGE


def mould_of(batch: Batch, now: datetime, context: Context) -> dict[str, Any] | None:
    """By the rules of care, which say nothing else of it then."""
    if not batch.is_mouldy:
        return None
    found = care.suggest(batch.facts(), now=now, keeper=keeper_of(context["user"]))
    advice = next(one for one in found if one.kind == Kind.MOULD)
    return {"batch": batch, "advice": advice, "new_id": new_id(context)}


@register.inclusion_tag("batches/_cautions.html", takes_context=True)
def cautions(context: Context, batch: Batch, now: datetime) -> dict[str, Any]:
    """What is wrong already, or wants to be looked at now: by rules, which say so."""
    found = care.suggest(batch.facts(), now=now, keeper=keeper_of(context["user"]))
    due = [one for one in found if one.kind in CAUTIONS and one.due_at <= now + A_MOMENT]
    return {"cautions": [(one, CAUTIONS[Kind(one.kind)]) for one in due]}
