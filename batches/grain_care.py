"""What a culture of one's own should be given, and by when; and how much it has grown with each batch."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from django.utils.translation import gettext as _

from accounts.units import CELSIUS, Unit
from batches.cultures import ferment
from batches.facts import ROOM_C
from batches.grain_kinds import KEEPING
from batches.thermal import rate

DAY = timedelta(days=1)
# Who weighs and fills the next jar does not do both in the same minute.
ABOUT = timedelta(hours=2)


class GrainStatus(StrEnum):
    ACTIVE = "active"
    IN_FRIDGE = "in_fridge"
    GONE = "gone"


class Need(StrEnum):
    FRIDGE = "grains_rest"
    IDLE = "grains_idle"


@dataclass(frozen=True, kw_only=True)
class Jar:
    """A batch that was made with it: from when, and until when it was in there. Without an end it still is."""

    started_at: datetime
    strained_at: datetime | None = None
    temperature_c: float | None = None


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A culture of one's own as the rules see it."""

    kind: str
    status: str
    got_at: datetime
    in_fridge_at: datetime | None = None
    fed_at: datetime | None = None
    jars: Sequence[Jar] = field(default_factory=tuple)  # in any order
    temperature: Unit = CELSIUS  # as its keeper measures


@dataclass(frozen=True, kw_only=True)
class Care:
    kind: str
    due_at: datetime
    message: str
    why: str


def care(kept: Kept) -> Care | None:
    """What it wants next, and when; nothing of one that is gone, or at work: its batch asks for what it needs."""
    if kept.status == GrainStatus.IN_FRIDGE:
        return resting(kept)
    if kept.status == GrainStatus.ACTIVE:
        return idle(kept)
    return None


def resting(kept: Kept) -> Care | None:
    days = KEEPING[kept.kind].fridge_days
    if days is None or kept.in_fridge_at is None:
        return None
    since = latest(kept.in_fridge_at, kept.fed_at)
    return Care(
        kind=Need.FRIDGE,
        due_at=since + days * DAY,
        message=_("Give them fresh food, or start a batch: %(food)s.") % {"food": KEEPING[kept.kind].food},
        why=_("They rest in the fridge on the same food; after %(days)s days it is used up. A rule of thumb.")
        % {"days": days},
    )


def idle(kept: Kept) -> Care | None:
    """Strained, and neither in a new jar nor in the fridge."""
    hours = KEEPING[kept.kind].idle_hours
    if hours is None or any(jar.strained_at is None for jar in kept.jars):
        return None
    ends = [(jar.strained_at, jar.temperature_c) for jar in kept.jars if jar.strained_at]
    strained_at, warmth = max(ends, key=lambda end: end[0], default=(kept.got_at, None))
    since = latest(strained_at, kept.fed_at)
    return Care(
        kind=Need.IDLE,
        due_at=since + clock_hours(hours, kept.kind, warmth),
        message=_("Put them to work, feed them, or let them rest in the fridge: %(food)s.")
        % {"food": KEEPING[kept.kind].food},
        why=_("They are in no jar. At %(warmth)s what they had is used up by then. A rule of thumb.")
        % {"warmth": kept.temperature.words(ROOM_C if warmth is None else warmth)},
    )


def clock_hours(reference_hours: float, kind: str, temperature_c: float | None) -> timedelta:
    """By the clock, as warm as it stands; sane where somebody noted a fridge's or an oven's warmth."""
    pace = rate(ROOM_C if temperature_c is None else temperature_c, ferment(kind).open)
    return timedelta(hours=reference_hours / max(0.1, pace))


def latest(at: datetime, other: datetime | None) -> datetime:
    return max(at, other) if other else at


# --- growth -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Weight:
    at: datetime
    grams: float


@dataclass(frozen=True, kw_only=True)
class Growth:
    """With one batch: from so many grams to so many, if nothing was given away or added meanwhile."""

    jar: Jar
    before_grams: float
    after_grams: float

    @property
    def percent(self) -> float:
        return (self.after_grams / self.before_grams - 1) * 100


def growths(jars: Iterable[Jar], weights: Iterable[Weight]) -> list[Growth]:
    """Oldest first, of those batches for which it can be told: weighed before and after, with no other beside it."""
    in_order = sorted(jars, key=lambda jar: jar.started_at)
    weighed = sorted(weights, key=lambda weight: weight.at)
    neighbours = zip([None, *in_order], in_order, [*in_order[1:], None], strict=False)
    found = (growth_of(jar, last, following, weighed) for last, jar, following in neighbours)
    return [one for one in alone(found, in_order) if one]


def alone(found: Iterable[Growth | None], jars: Sequence[Jar]) -> Iterable[Growth | None]:
    """Of two jars at once nobody can tell which one did it."""
    return (one for one in found if one and not any(beside(one.jar, jar) for jar in jars))


def beside(one: Jar, other: Jar) -> bool:
    if one is other or one.strained_at is None:
        return False
    ends_early = other.strained_at is not None and other.strained_at <= one.started_at + ABOUT
    return not ends_early and other.started_at + ABOUT < one.strained_at


def growth_of(jar: Jar, last: Jar | None, following: Jar | None, weights: Sequence[Weight]) -> Growth | None:
    """Weighed since the jar before it was strained, and again before the next one was filled."""
    if jar.strained_at is None:
        return None
    since = last.strained_at if last else None
    until = following.started_at + ABOUT if following else None
    before = [one for one in weights if one.at <= jar.started_at + ABOUT and one.at < jar.strained_at]
    before = [one for one in before if since is None or one.at >= since]
    after = [one for one in weights if one.at >= jar.strained_at and (until is None or one.at <= until)]
    if not before or not after or before[-1].grams <= 0:
        return None
    return Growth(jar=jar, before_grams=before[-1].grams, after_grams=after[0].grams)
