"""What the rules of care are asked of, and what they answer: a batch at a moment, and a wish."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from functools import cached_property

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.units import number
from batches import acidity
from batches.facts import Facts
from batches.ferments import Course
from batches.kinds import Kind
from batches.pressure import Outlook, outlook
from batches.readiness import Forecast, forecast

SAFETY, ACTION, HINT = 0, 1, 2


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a rule would say, at a time that may have passed already."""

    kind: Kind
    due_at: datetime
    message: str
    why: str
    priority: int = ACTION
    stays: bool = False  # still worth saying late: safety always must
    late: str = ""  # what to say then
    by_day: bool = False  # not to be done at night


@dataclass(frozen=True, kw_only=True)
class Case:
    """A batch at a moment, and what the rules ask of it again and again."""

    facts: Facts
    now: datetime
    zone: tzinfo
    quiet: tuple[time, time]

    @property
    def course(self) -> Course:
        return self.facts.course

    @cached_property
    def forecast(self) -> Forecast:
        return forecast(self.facts, now=self.now)

    @cached_property
    def outlook(self) -> Outlook | None:
        return outlook(self.facts, now=self.now)

    @cached_property
    def is_not_sour(self) -> bool:
        return acidity.fails(self.facts, now=self.now)

    @property
    def at_so_warm(self) -> str:
        if self.facts.knows_temperature:
            return _("at %(warmth)s") % {"warmth": celsius(self.facts.present_c)}
        return _("at %(warmth)s (no temperature given, assuming %(warmth)s)") % {"warmth": self.assumed}

    @property
    def assumed(self) -> str:
        return celsius(self.facts.assumed_c)

    def local(self, moment: datetime) -> str:
        return date_format(moment.astimezone(self.zone), "D H:i")

    def about(self, moment: datetime) -> str:
        """To the hour: of an estimate nobody knows the minute."""
        return self.local((moment + timedelta(minutes=30)).astimezone(self.zone).replace(minute=0))

    def local_day(self, moment: datetime) -> str:
        return date_format(moment.astimezone(self.zone), "SHORT_WEEKDAY")

    def awake(self, moment: datetime) -> datetime:
        """The same moment, or the evening before when it falls into the night."""
        begins, ends = self.quiet
        local = moment.astimezone(self.zone)
        evening = datetime.combine(local.date(), begins, self.zone)
        if begins > ends and local.time() < ends:
            # Back by the wall clock on purpose: 22:30 stays 22:30 in the night the clocks change.
            return (evening - timedelta(days=1)).astimezone(UTC)
        is_night = local.time() > begins and (begins > ends or local.time() < ends)
        return evening.astimezone(UTC) if is_night else moment

    def already(self, kind: Kind, message: str, why: str, priority: int) -> Wish:
        """What is so already, and stays so until the keeper changes something."""
        return Wish(
            kind=kind, due_at=self.now, message=message, late=message, why=why, priority=priority, stays=True
        )


Rule = Callable[[Case], Iterator[Wish]]


def celsius(temperature_c: float) -> str:
    return f"{number(temperature_c)} °C"


def long(hours: float) -> str:
    """In one unit, as long as that says enough."""
    if hours < 1:
        minutes = round(hours * 60)
        return ngettext("%(number)s minute", "%(number)s minutes", minutes) % {"number": minutes}
    if hours < 72:
        return _("%(number)s h") % {"number": f"{hours:.0f}"}
    return _("%(number)s days") % {"number": number(round(hours / 12) / 2)}
