"""When a stage of a batch ended, how, and what that teaches about the next. Facts in, lessons out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from batches.facts import Ending, Facts, Past, Spell
from batches.fizz import rate_by_fizz
from batches.stages import Place, Stage, Status
from batches.thermal import thermal_hours

AT_THE_END = timedelta(hours=12)  # a reading so shortly before, or an hour after, is one of when it was ready
JUST_AFTER = timedelta(hours=1)
OPENED_WARM, OPENED_COLD = (
    timedelta(days=1),
    timedelta(days=14),
)  # later, nobody knows how warm a bottle stood
AT_THE_START = timedelta(hours=2)
OPEN_JAR, COLD_JAR = Place(Stage.OPEN, Status.ACTIVE), Place(Stage.OPEN, Status.IN_FRIDGE)
COLD_BOTTLES = Place(Stage.BOTTLED, Status.IN_FRIDGE)


@dataclass(frozen=True, kw_only=True)
class Departure:
    """A move: from where, to where, when."""

    before: Place
    after: Place
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A stage that is over."""

    stage: Stage
    begun_at: datetime
    past: Past


def ended_stages(
    facts: Facts,
    *,
    departures: Sequence[Departure],
    was: Status,
    put_away_at: datetime | None = None,
    noted_at: datetime | None = None,
) -> Iterator[Ended]:
    """The stages a batch has behind it. `was` is where it stood, before it was archived if it is; oldest move first.

    What was over already when the batch was `noted_at` all, nobody knows since when.
    """
    seen = Behind(facts=facts, departures=departures, was=was, put_away_at=put_away_at)
    for stage in Stage if facts.stage == Stage.BOTTLED else (Stage.OPEN,):
        found = seen.end_of_jar() if stage != facts.stage else seen.end()
        begun_at = facts.sealed_at if stage == Stage.BOTTLED else facts.started_at
        if found and found[0] > begun_at and found[0] != noted_at:
            past = _past(facts, stage, begun_at, *found)
            yield Ended(
                stage=stage, begun_at=begun_at, past=replace(past, gas_g_per_l_h=seen.gas(stage, past))
            )


@dataclass(frozen=True, kw_only=True)
class Behind:
    """A batch and where it has been."""

    facts: Facts
    departures: Sequence[Departure]
    was: Status
    put_away_at: datetime | None

    def end_of_jar(self) -> tuple[datetime, Ending]:
        """Bottled; or cold before that, and then it was ready when it went cold."""
        bottled_at = self.facts.sealed_at
        moves = [one for one in self.departures if one.before.stage == Stage.OPEN and one.at <= bottled_at]
        went_cold = [one.at for one in moves if one.after == COLD_JAR]
        came_back = [one.at for one in moves if one.after == OPEN_JAR]
        stayed_cold = went_cold and not any(at > went_cold[-1] for at in came_back)
        return went_cold[-1] if stayed_cold else bottled_at, Ending.READY

    def end(self) -> tuple[datetime, Ending] | None:
        """Of the stage it is in: when its keeper called it ready or gave it up; None while it works.

        What went mouldy tells nothing of when it would have been ready.
        """
        if self.was == Status.ACTIVE:
            return None if self.facts.mould_seen_at else self.end_without_a_word()
        working = Place(self.facts.stage, Status.ACTIVE)
        left = [one.at for one in self.departures if one.before == working and one.after != working]
        # One that was brought along from elsewhere has no moves.
        at = left[-1] if left else self.facts.in_fridge_since
        return (at, Ending.READY) if at else None

    def end_without_a_word(self) -> tuple[datetime, Ending] | None:
        """A jar that was put away was given up. Bottles were drunk, some time since they were last looked at."""
        if self.put_away_at is None or self.facts.stage == Stage.OPEN:
            return (self.put_away_at, Ending.GIVEN_UP) if self.put_away_at else None
        looks = (one.at for one in self.facts.readings if one.at <= self.put_away_at)
        seen_at = max([self.facts.sealed_at, *looks])
        return seen_at + (self.put_away_at - seen_at) / 2, Ending.UNSEEN

    def gas(self, stage: Stage, past: Past) -> float | None:
        """By the fizz of bottles that were opened soon after, if it is known how warm they stood until then."""
        went_cold = [one.at for one in self.departures if one.after == COLD_BOTTLES]
        is_known = past.temperature_c is not None and all(at >= past.ended_at for at in went_cold)
        if stage != Stage.BOTTLED or not is_known:
            return None
        is_cold = bool(went_cold) or self.was == Status.IN_FRIDGE
        left_at = self.put_away_at if past.ending == Ending.UNSEEN and self.put_away_at else past.ended_at
        opened_by = left_at + (OPENED_COLD if is_cold else OPENED_WARM)
        read = tuple(one for one in self.facts.readings if one.fizz is None or one.at <= opened_by)
        return rate_by_fizz(
            replace(self.facts, status=Status.IN_FRIDGE, in_fridge_since=left_at, readings=read)
        )


def _past(facts: Facts, stage: Stage, begun_at: datetime, ended_at: datetime, ending: Ending) -> Past:
    then = replace(facts, stage=stage, status=Status.ACTIVE)
    spells = then.spells(stage)
    is_ready = ending == Ending.READY
    return Past(
        reference_hours=thermal_hours(spells, then.course, ended_at),
        ended_at=ended_at,
        ending=ending,
        temperature_c=_mean_c(spells, ended_at) if then.knows_temperature else None,
        water_volume_ml=facts.water_volume_ml,
        sugar_grams=facts.added_sugar_grams if stage == Stage.BOTTLED else facts.sugar_grams,
        grains_grams=facts.grains_grams,
        ingredient=facts.ingredient,
        ph_at_ready=_ph_at(ended_at, facts, begun_at) if is_ready else None,
        brix_left_at_ready=_brix_left_at(ended_at, facts, begun_at) if is_ready else None,
    )


def _mean_c(spells: Sequence[Spell], until: datetime) -> float:
    ends = [*(spell.since for spell in spells[1:]), until]
    spans = [
        max(timedelta(0), min(end, until) - spell.since) for spell, end in zip(spells, ends, strict=True)
    ]
    whole = sum(spans, timedelta(0))
    if not whole:
        return spells[-1].temperature_c
    return sum(spell.temperature_c * (span / whole) for spell, span in zip(spells, spans, strict=True))


def _ph_at(ended_at: datetime, facts: Facts, begun_at: datetime) -> float | None:
    read = sorted(
        (one.at, one.ph)
        for one in facts.readings
        if one.ph is not None and _is_at_the_end(one.at, begun_at, ended_at)
    )
    return read[-1][1] if read else None


def _brix_left_at(ended_at: datetime, facts: Facts, begun_at: datetime) -> float | None:
    read = sorted((one.at, one.brix) for one in facts.readings if one.brix is not None and one.at >= begun_at)
    first = [brix for at, brix in read if at <= begun_at + AT_THE_START and brix > 0]
    last = [brix for at, brix in read if _is_at_the_end(at, begun_at, ended_at)]
    return min(1.0, last[-1] / first[0]) if first and last and read[-1] != read[0] else None


def _is_at_the_end(at: datetime, begun_at: datetime, ended_at: datetime) -> bool:
    return max(begun_at, ended_at - AT_THE_END) <= at <= ended_at + JUST_AFTER
