"""How a batch is drawn: its colour, its ring, its card, its facts."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django import template
from django.template import Context
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.timezone import get_current_timezone, localtime
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.templatetags.units import temperature, volume, weight
from batches import culture_words, labels, sayings
from batches.cultures import ferment
from batches.keepers import keeper_of
from batches.labels import Clock, Deed
from batches.models import Batch
from batches.readiness import forecast
from batches.stages import Stage, Status
from kefir import components

register = template.Library()

CARD, RING = "components/batch_card.html", "components/ring.html"


@register.filter
def state(batch: Batch) -> str:
    return labels.state_of(batch.place)


@register.filter
def state_words(batch: Batch) -> str:
    return str(labels.STATE_WORDS[labels.state_of(batch.place)])


@register.simple_tag(takes_context=True)
def clock(context: Context, batch: Batch, now: datetime) -> Clock:
    """As its keeper reads it, who looks at the page."""
    since = batch.archived_at if batch.is_archived else batch.ready_at
    return labels.clock_of(batch.facts(), now=now, keeper=keeper_of(context["user"]), since=since)


@register.simple_tag(takes_context=True)
def in_danger(context: Context, batches: Iterable[Batch], now: datetime) -> list[tuple[Batch, Clock]]:
    """Those whose bottles may be at their limit, and what is to be done."""
    seen = [(batch, clock(context, batch, now)) for batch in batches]
    return [(batch, clock) for batch, clock in seen if clock.is_danger]


@register.filter
def ready_when(batch: Batch) -> str:
    return str(ferment(batch.culture).words.ready_when)


@register.filter
def story(batch: Batch, now: datetime) -> list[labels.Chapter]:
    """Of what is shared, and nothing else."""
    return labels.story(
        started_at=batch.started_at,
        bottled_at=batch.bottled_at,
        ready_at=batch.ready_at,
        place=batch.place,
        now=now,
    )


@register.filter
def hazards(batch: Batch) -> str:
    return str(ferment(batch.culture).words.hazards)


@register.filter
def mould(batch: Batch) -> dict[str, Any]:
    """How one tells it from what merely looks like it."""
    is_not = ferment(batch.culture).words.not_mould
    return {"is": culture_words.MOULD_IS, "is_not": is_not, "unsure": culture_words.WHEN_UNSURE}


@register.simple_tag(takes_context=True)
def ring(context: Context, batch: Batch, now: datetime, size: str = "") -> SafeString:
    seen = clock(context, batch, now)
    words = {"size": size, "sub": seen.sub if size else short_sub(seen)}
    number = {"icon": "", "percent": 100} if size and seen.is_counted else {}
    return components.draw(RING, drawn(seen, state(batch)) | words | number)


@register.simple_tag(takes_context=True)
def batch_card(context: Context, batch: Batch, now: datetime) -> SafeString:
    """For batches that came with their readings, next reminders and covers."""
    return components.draw(CARD, card(batch, now, clock(context, batch, now)))


def card(batch: Batch, now: datetime, seen: Clock) -> dict[str, Any]:
    reminder = next(iter(batch.next_reminders), None)
    cover = next(iter(batch.covers), None)
    return drawn(seen, state(batch)) | {
        "url": reverse("batches:detail", args=[batch.pk]),
        "name": batch.name,
        "culture": batch.get_culture_display(),
        "state_words": state_words(batch),
        "chip": state(batch),
        "photo_url": cover.thumbnail_url if cover else "",
        "sub": short_sub(seen),
        "next": reminder.message if reminder else next_line(batch, seen, now),
        "next_at": reminder.alert_at if reminder else None,
        "due": bool(seen.icon) or (reminder is not None and reminder.alert_at <= now),
    }


def next_line(batch: Batch, seen: Clock, now: datetime) -> str:
    if batch.status == Status.READY and not seen.is_danger:
        return _("Ready to drink")
    return seen.big if seen.icon else ready_line(batch, now)


def ready_line(batch: Batch, now: datetime) -> str:
    """When it is ready; nobody asks of what no longer works."""
    if batch.status != Status.ACTIVE:
        return ""
    return sayings.ready_words(forecast(batch.facts(), now=now), now=now, zone=get_current_timezone())


def drawn(seen: Clock, state: str) -> dict[str, Any]:
    return {
        "percent": seen.percent,
        "big": seen.big,
        "icon": seen.icon,
        "lively": seen.is_lively,
        "state": "danger" if seen.is_danger else state,
    }


def short_sub(seen: Clock) -> str:
    """In a small ring only “left” and “ago” fit; an icon says enough."""
    if seen.icon:
        return ""
    return _("left") if seen.percent is not None else _("so far")


@register.filter
def facts_for(batch: Batch, person: User) -> list[tuple[str, Any]]:
    """What is known of the batch, in its reader's units; what is not known is left out."""
    in_bottles = bottle_facts(batch, person) if batch.stage == Stage.BOTTLED else []
    return [*jar_facts(batch, person), *in_bottles]


def jar_facts(batch: Batch, person: User) -> list[tuple[str, Any]]:
    sugar = _("Sugar, %(kind)s") % {"kind": batch.sugar_type} if batch.sugar_type else _("Sugar")
    return [
        (_("Started"), minute(batch.started_at)),
        (_("Liquid"), volume(batch.water_volume_ml, person)),
        (sugar, weight(batch.sugar_grams, person)),
        (_("Grains or starter"), weight(batch.grains_grams, person)),
        (_("Made with"), batch.grains.name if batch.grains else ""),
        (_("Flavour"), ", ".join(batch.fruits)),
        (_("Stands at"), temperature(batch.temperature_c, person)),
        (_("Your own time"), hours(batch.target_hours)),
    ]


def bottle_facts(batch: Batch, person: User) -> list[tuple[str, Any]]:
    return [
        (_("Bottled"), minute(batch.bottled_at)),
        (_("Bottles"), count_of_bottles(batch, person)),
        (_("Kind"), batch.get_bottle_kind_display()),
        (_("Sugar added"), weight(batch.added_sugar_grams, person)),
        (_("Bottles stand at"), temperature(batch.bottled_temperature_c, person)),
        (_("Your time in bottles"), hours(batch.bottled_target_hours)),
    ]


def count_of_bottles(batch: Batch, person: User) -> str:
    size = volume(batch.bottle_volume_ml, person)
    return " × ".join(part for part in (str(batch.bottle_count or ""), size) if part)


def minute(at: datetime | None) -> str:
    return date_format(localtime(at), "SHORT_HOUR") if at else ""


def hours(number: float | None) -> str:
    return "" if number is None else labels.span(timedelta(hours=number))


@register.filter
def address(deed: Deed, batch: Batch) -> str:
    """Where a button for this move leads: a form of its own, or at once."""
    if deed.asks_first:
        return reverse("batches:bottle", args=[batch.pk])
    if deed.to.status == Status.ARCHIVED:
        return reverse("batches:archive", args=[batch.pk])
    return reverse("batches:move", args=[batch.pk])
