"""Whom the words and hours of a batch are for: where they live, when they sleep, what they measure warmth in."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Protocol

from django.utils.formats import date_format

from accounts.units import Unit, units_of

HALF_HOUR = timedelta(minutes=30)


@dataclass(frozen=True, kw_only=True)
class Keeper:
    """Nothing has a default: whoever forgets one would wake somebody, or speak of degrees they do not know."""

    zone: tzinfo
    night: tuple[time, time]
    temperature: Unit

    def awake(self, moment: datetime) -> datetime:
        """The same moment, or the evening before when it falls into the night."""
        begins, ends = self.night
        local = moment.astimezone(self.zone)
        evening = datetime.combine(local.date(), begins, self.zone)
        if begins > ends and local.time() < ends:
            # Back by the wall clock on purpose: 22:30 stays 22:30 in the night the clocks change.
            return (evening - timedelta(days=1)).astimezone(UTC)
        is_night = local.time() > begins and (begins > ends or local.time() < ends)
        return evening.astimezone(UTC) if is_night else moment

    def in_time_for(self, limit_at: datetime, *, now: datetime) -> datetime:
        """When something is to be done before a limit that was estimated: by day, and not to the minute.

        The night before is too late to be told of, and so is a half hour that has begun: then it is the limit itself.
        """
        for early in (self.half_hour(self.awake(limit_at)), self.half_hour(limit_at)):
            if early > now:
                return early
        return limit_at

    def half_hour(self, moment: datetime) -> datetime:
        """The full or half hour before, by the clock on the wall."""
        local = moment.astimezone(self.zone)
        past = timedelta(minutes=local.minute % 30, seconds=local.second, microseconds=local.microsecond)
        return moment - past

    def local(self, moment: datetime) -> str:
        return date_format(moment.astimezone(self.zone), "D H:i")

    def warmth(self, temperature_c: float) -> str:
        return self.temperature.words(temperature_c)

    def warmer(self, by_c: float) -> str:
        """So much warmer: “3 °C”, “5 °F”."""
        return self.temperature.span_words(by_c)


class Person(Protocol):
    """Whoever has an account; its rules need not know what else there is to one."""

    @property
    def zone(self) -> tzinfo: ...

    @property
    def night(self) -> tuple[time, time]: ...


def keeper_of(person: Person) -> Keeper:
    return Keeper(zone=person.zone, night=person.night, temperature=units_of(person).temperature)
