"""What is said of a batch beforehand, and in which words. Facts in, sentences out; an estimate is called one."""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.units import number
from batches.acidity import fails
from batches.alcohol import Alcohol, alcohol
from batches.cultures import BottleKind
from batches.facts import Facts
from batches.pressure import Outlook, outlook
from batches.readiness import Forecast, forecast
from batches.reasons import Missing, Why
from batches.stages import Stage, Status

SOON = timedelta(hours=12)
BY_THE_HOUR = timedelta(hours=72)
HOUR = timedelta(hours=1)
MIDNIGHT = 0
NOT_FOR_PRESSURE_BAR = 1.0


@dataclass(frozen=True, kw_only=True)
class Said:
    """`ready` is None of what no longer works, `pressure` of what is not sealed, `alcohol` of what nobody drinks."""

    ready: Forecast | None
    pressure: Outlook | None
    alcohol: Alcohol | None

    @property
    def missing(self) -> tuple[Missing, ...]:
        return self.ready.missing if self.ready else ()


def said_of(facts: Facts, *, now: datetime) -> Said:
    is_awaited = facts.status == Status.ACTIVE and facts.mould_seen_at is None and not fails(facts, now=now)
    return Said(
        ready=forecast(facts, now=now) if is_awaited else None,
        pressure=outlook(facts, now=now) if facts.place.is_alive else None,
        alcohol=alcohol(facts, now=now),
    )


def ready_words(seen: Forecast, *, now: datetime, zone: tzinfo) -> str:
    """Between when and when eight of ten are ready: to the hour within three days, to the day beyond."""
    first, last = seen.earliest.astimezone(zone), seen.latest.astimezone(zone)
    if seen.latest - now > BY_THE_HOUR:
        days = {"first": day(first), "last": day(last)}
        return (
            _("Ready %(first)s") % days
            if days["first"] == days["last"]
            else (_("Ready between %(first)s and %(last)s") % days)
        )
    first, last = floor_hour(first), ceil_hour(last)
    told = {"first": date_format(first, "HOUR"), "last": date_format(last, "HOUR"), "day": weekday(first)}
    if first.date() == last.date() or (last.hour == MIDNIGHT and last - first < timedelta(days=1)):
        return _("Ready %(day)s, %(first)s–%(last)s") % told
    return _("Ready between %(day)s %(first)s and %(next_day)s %(last)s") % {
        **told,
        "next_day": weekday(last),
    }


def is_late(seen: Forecast) -> bool:
    return any(reason.code == Why.STILL_FERMENTING for reason in seen.reasons)


def day(at: datetime) -> str:
    return date_format(at, "SHORT_WEEKDAY")


def weekday(at: datetime) -> str:
    return date_format(at, "l")


def floor_hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def ceil_hour(at: datetime) -> datetime:
    return floor_hour(at + HOUR - timedelta(microseconds=1))


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A band of pressure as it is drawn, in shares of a hundred."""

    low: float
    width: float
    likely: float
    limit: float
    ends_at_bar: float


def bar_of(seen: Outlook) -> Bar:
    """From nothing to a third beyond the limit, or beyond the band where that is wider."""
    end = max(seen.limit.act_bar * 4 / 3, seen.high_bar * 1.05, NOT_FOR_PRESSURE_BAR)
    low, likely, high = (100 * one / end for one in (seen.low_bar, seen.likely_bar, seen.high_bar))
    return Bar(
        low=round(low, 1),
        width=round(max(1.0, high - low), 1),
        likely=round(likely, 1),
        limit=round(100 * seen.limit.act_bar / end, 1),
        ends_at_bar=round(end, 1),
    )


def pressure_words(seen: Outlook) -> str:
    """Never one number, and never that it is safe."""
    band = {
        "low": number(seen.low_bar, ".1f"),
        "high": number(seen.high_bar, ".1f"),
        "limit": number(seen.limit.act_bar),
    }
    return (
        _("By an estimate between %(low)s and %(high)s bar now; at %(limit)s bar these bottles must be cold.")
        % band
    )


def alcohol_words(seen: Alcohol) -> list[str]:
    """Who should know of it, where there may be enough to matter. Below that nobody says that there is none."""
    if seen.passed is None:
        return []
    high = {"high": number(seen.high, ".1f")}
    return [
        _("It may hold up to %(high)s %% alcohol: a rough estimate, not measured.") % high,
        str(seen.passed.words),
        _("Not for children, in pregnancy, before driving, or for whoever must not drink."),
    ]


def utmost_words(seen: Outlook) -> str:
    """That its sugar could do more than they bear; nothing where it could not. Never how much: nobody measured it."""
    if seen.utmost_bar < seen.limit.act_bar:
        return ""
    return _(
        "By an estimate there is sugar in it for more than %(limit)s bar, the limit of these bottles: only time and"
        " cold hold it back. Leave 2 to 5 cm of air below the lid."
    ) % {"limit": number(seen.limit.act_bar)}


def alarm_of(seen: Outlook, *, now: datetime) -> str:
    """As red as it is late: "danger" when the time is over, "soon" half a day before, else nothing."""
    if seen.act_by is None:
        return ""
    if seen.act_by <= now:
        return "danger"
    return "soon" if seen.act_by - now <= SOON else ""


def bottle_is_unknown(facts: Facts) -> bool:
    return facts.stage == Stage.BOTTLED and facts.bottle_kind in {"", BottleKind.UNKNOWN}
