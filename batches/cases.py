"""What the rules of care are asked of, and what they answer: a batch at a moment, and a wish."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.units import number
from batches import acidity
from batches.facts import Facts
from batches.ferments import Course
from batches.keepers import Keeper
from batches.kinds import Kind
from batches.pressure import Outlook, outlook
from batches.readiness import Forecast, forecast

BY_THE_HOUR = timedelta(hours=72)
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
    keeper: Keeper

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
            return _("at %(warmth)s") % {"warmth": self.warmth(self.facts.present_c)}
        return _("at %(warmth)s (no temperature given, assuming %(warmth)s)") % {"warmth": self.assumed}

    @property
    def assumed(self) -> str:
        return self.warmth(self.facts.assumed_c)

    def local(self, moment: datetime) -> str:
        return self.keeper.local(moment)

    def warmth(self, temperature_c: float) -> str:
        return self.keeper.warmth(temperature_c)

    def about(self, moment: datetime) -> str:
        """To the hour: of an estimate nobody knows the minute."""
        return self.local((moment + timedelta(minutes=30)).astimezone(self.keeper.zone).replace(minute=0))

    def between(self, first: datetime, last: datetime) -> str:
        """To the hour within three days, to the day beyond."""
        told = self.local_day if last - self.now > BY_THE_HOUR else self.about
        return _("between %(first)s and %(last)s") % {"first": told(first), "last": told(last)}

    def local_day(self, moment: datetime) -> str:
        return date_format(moment.astimezone(self.keeper.zone), "SHORT_WEEKDAY")

    def awake(self, moment: datetime) -> datetime:
        return self.keeper.awake(moment)

    def in_time_for(self, limit_at: datetime) -> datetime:
        return self.keeper.in_time_for(limit_at, now=self.now)

    def already(self, kind: Kind, message: str, why: str, priority: int) -> Wish:
        """What is so already, and stays so until the keeper changes something."""
        return Wish(
            kind=kind, due_at=self.now, message=message, late=message, why=why, priority=priority, stays=True
        )


Rule = Callable[[Case], Iterator[Wish]]


def long(hours: float) -> str:
    """In one unit, as long as that says enough."""
    if hours < 1:
        minutes = round(hours * 60)
        return ngettext("%(number)s minute", "%(number)s minutes", minutes) % {"number": minutes}
    if hours < 72:
        return _("%(number)s h") % {"number": f"{hours:.0f}"}
    return _("%(number)s days") % {"number": number(round(hours / 12) / 2)}
