"""Batches as the rules see them, for the tests of the rules."""

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from accounts.models.people import NIGHT
from accounts.units import CELSIUS
from batches import care, labels
from batches.care import Suggestion
from batches.facts import Ending, Facts, Past, Reading
from batches.keepers import Keeper
from batches.labels import Clock
from batches.stages import Stage, Status

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
# When what is overdue is asked for.
SOON = timedelta(minutes=5)


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def brew(**changes: Any) -> Facts:
    """Water kefir in an open jar, just started; nothing else known."""
    facts = {
        "culture": "water_kefir",
        "stage": Stage.OPEN,
        "status": Status.ACTIVE,
        "started_at": NOON,
    }
    return Facts(**{**facts, **changes})


def bottle(**changes: Any) -> Facts:
    """Water kefir that stood open for 36 hours at 22 °C and was sealed at noon."""
    facts = {
        "stage": Stage.BOTTLED,
        "started_at": NOON - hours(36),
        "bottled_at": NOON,
        "temperature_c": 22.0,
        "bottle_kind": "swing_top",
    }
    return brew(**{**facts, **changes})


def chilled(**changes: object) -> Facts:
    """The bottle, moved into the fridge eight hours after it was sealed."""
    return bottle(**{"status": Status.IN_FRIDGE, "in_fridge_since": NOON + hours(8), **changes})


def read(after: float, **values: Any) -> Reading:
    """A reading so many hours after noon."""
    return Reading(at=NOON + hours(after), **values)


def past(reference_hours: float, *, days_ago: float = 7, **values: Any) -> Past:
    """An earlier batch of the same keeper, called ready after so many hours at the reference temperature."""
    return Past(**{"reference_hours": reference_hours, "ended_at": NOON - timedelta(days=days_ago), **values})


def given_up(reference_hours: float, **values: Any) -> Past:
    return past(reference_hours, ending=Ending.GIVEN_UP, **values)


def keeper(**known: Any) -> Keeper:
    """Somebody in Greenwich who sleeps when most do and knows degrees Celsius."""
    return Keeper(**{"zone": UTC, "night": NIGHT, "temperature": CELSIUS} | known)


def suggest(facts: Facts, *, now: datetime, zone: tzinfo = UTC, **known: Any) -> list[Suggestion]:
    """What such a keeper is told."""
    return care.suggest(facts, now=now, keeper=keeper(zone=zone, **known))


def told(facts: Facts, *, after: float = 0, zone: tzinfo | None = None) -> dict[str, Suggestion]:
    """What is suggested so many hours after noon, by kind."""
    return {one.kind: one for one in suggest(facts, now=NOON + hours(after), zone=zone or UTC)}


def minute(moment: datetime | None) -> datetime:
    assert moment is not None
    return moment.replace(second=0, microsecond=0)


def hour(one: Suggestion) -> float:
    return (one.due_at - NOON) / hours(1)


def clock_of(facts: Facts, *, now: datetime, since: datetime | None = None, **known: Any) -> Clock:
    return labels.clock_of(facts, now=now, since=since, keeper=keeper(**known))
