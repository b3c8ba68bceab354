"""What the rules need to know of a batch, and how warm it has stood."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from operator import itemgetter
from statistics import fmean

from django.utils.translation import gettext as _

from batches.cultures import Culture, ferment
from batches.ferments import Course, Ferment
from batches.stages import Place, Stage, Status

ROOM_C = 22.0
FRIDGE_C = 4.0
RECENT = 5  # batches whose warmth is a keeper's usual one


class Sign(StrEnum):
    """What was seen of a batch that no number tells."""

    MOULD = "mould"
    NO_MOULD = "no_mould"  # looked for, or taken for it before
    CALM = "calm"  # bottles that were left open until they hissed no more


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What was measured or tasted, and when (UTC)."""

    at: datetime
    ph: float | None = None
    brix: float | None = None
    temperature_c: float | None = None
    taste: str | None = None
    fizz: int | None = None  # 0 flat to 5 gushing, of a bottle that was opened
    by_meter: bool | None = None  # how the pH was read, where that is known
    sign: str = ""


class Ending(StrEnum):
    """How a stage of an earlier batch ended, as far as it teaches when such a batch is ready."""

    READY = "ready"  # its keeper called it so: moved it on, or said so
    GIVEN_UP = "given_up"  # archived before that: it would have taken longer
    UNSEEN = "unseen"  # drunk without a word: ready at some time between the last look and the end


@dataclass(frozen=True, kw_only=True)
class Past:
    """A stage of an earlier batch of the same keeper and culture: what it teaches about the next."""

    reference_hours: float  # thermal hours to its ending; of one unseen, to the middle of what is possible
    ended_at: datetime
    ending: Ending = Ending.READY
    temperature_c: float | None = None  # how warm it stood on average, if anybody said
    water_volume_ml: float | None = None
    sugar_grams: float | None = None
    grains_grams: float | None = None
    ingredient: str = ""  # the main one, where the culture's history goes by it
    ph_at_ready: float | None = None
    brix_left_at_ready: float | None = None  # as a share of the first reading
    gas_g_per_l_h: float | None = None  # sugar turned per hour at 20 °C in its bottles, by their fizz
    new_grains_since: int = 0  # how often new grains were taken after it: each time it counts half


@dataclass(frozen=True, kw_only=True)
class Spell:
    """From when (UTC) a batch stood how warm."""

    since: datetime
    temperature_c: float
    in_fridge: bool = False


@dataclass(frozen=True, kw_only=True)
class Facts:
    """A batch as the rules see it. Times in UTC; what is None is not known, and typical values stand in."""

    culture: str
    stage: Stage
    status: Status
    started_at: datetime
    target: timedelta | None = None
    temperature_c: float | None = None
    water_volume_ml: float | None = None
    sugar_grams: float | None = None
    grains_grams: float | None = None
    bottled_at: datetime | None = None
    bottled_target: timedelta | None = None
    bottled_temperature_c: float | None = None
    bottle_kind: str = ""
    added_sugar_grams: float | None = None
    bottled_ml: float | None = None  # in all bottles together
    in_fridge_since: datetime | None = None
    readings: tuple[Reading, ...] = ()
    burped_at: tuple[datetime, ...] = ()
    calmed_at: tuple[datetime, ...] = ()  # of these, when they were left open until calm
    ingredient: str = ""
    grains_are_kept: bool = False  # those strained off: in another jar, or looked after by themselves
    history: tuple[Past, ...] = ()  # of this culture and stage, in any order

    @property
    def name(self) -> str:
        known = self.culture in Culture.values
        return str(Culture(self.culture).label) if known else _("Batch")

    @property
    def place(self) -> Place:
        return Place(self.stage, self.status)

    @property
    def ferment(self) -> Ferment:
        return ferment(self.culture)

    @property
    def course(self) -> Course:
        return self.ferment.at(self.stage)

    @property
    def begun_at(self) -> datetime:
        """When this stage began."""
        return self.sealed_at if self.stage == Stage.BOTTLED else self.started_at

    @property
    def sealed_at(self) -> datetime:
        return max(self.bottled_at or self.started_at, self.started_at)

    @property
    def cooled_at(self) -> datetime | None:
        """Since when it is in the fridge; if nobody noted it, since this stage began.

        What became ready in there still is; of what became ready on the counter nobody noted any cold.
        """
        if self.status == Status.READY and self.in_fridge_since:
            return max(self.in_fridge_since, self.begun_at)
        if self.status != Status.IN_FRIDGE:
            return None
        return max(self.in_fridge_since or self.begun_at, self.begun_at)

    @property
    def is_cold(self) -> bool:
        return self.cooled_at is not None

    @property
    def wanted(self) -> timedelta | None:
        """The keeper's own time for this stage, by the clock."""
        target = self.bottled_target if self.stage == Stage.BOTTLED else self.target
        return target if target and target > timedelta(0) else None

    @property
    def knows_temperature(self) -> bool:
        return any(True for _ in self._told(self.stage))

    @property
    def told_c(self) -> float | None:
        """The newest temperature that somebody gave, if anybody did."""
        told = list(self._told(self.stage))
        return told[-1][1] if told else None

    @property
    def usual_c(self) -> float | None:
        """How warm the keeper's latest batches stood, if anybody said."""
        told = self._told_before[-RECENT:]
        return round(fmean(told), 1) if told else None

    @property
    def assumed_c(self) -> float:
        """Where nobody gave a temperature: that of the latest batch, for kitchens follow the seasons.

        For a bottle never colder than a room, lest it look too safe.
        """
        latest = _sane(self._told_before[-1]) if self._told_before else ROOM_C
        return max(ROOM_C, latest) if self.stage == Stage.BOTTLED else latest

    @property
    def _told_before(self) -> list[float]:
        told = [
            (past.ended_at, past.temperature_c) for past in self.history if past.temperature_c is not None
        ]
        return [temperature_c for _, temperature_c in sorted(told)]

    @property
    def present_c(self) -> float:
        return self.spells(self.stage)[-1].temperature_c

    @property
    def newest_ph(self) -> float | None:
        read = self.newest_ph_reading
        return read.ph if read else None

    @property
    def newest_ph_reading(self) -> Reading | None:
        read = sorted((r for r in self.readings if r.ph is not None), key=lambda r: r.at)
        return read[-1] if read else None

    @property
    def with_these_grains(self) -> int:
        """How many earlier batches the same grains have made, of those that are known."""
        return sum(past.new_grains_since == 0 for past in self.history)

    @property
    def mould_seen_at(self) -> datetime | None:
        """When mould was last reported, unless somebody has looked since and found that it was none."""
        seen = [one.at for one in self.readings if one.sign == Sign.MOULD]
        none = [one.at for one in self.readings if one.sign == Sign.NO_MOULD]
        return max(seen) if seen and not (none and max(none) > max(seen)) else None

    def spells(self, stage: Stage) -> list[Spell]:
        """How warm it stood in a stage, oldest first: the last known temperature holds until the next."""
        begun = self.sealed_at if stage == Stage.BOTTLED else self.started_at
        told = list(self._told(stage)) or [(begun, self.assumed_c)]
        earlier = sum(at <= begun for at, _ in told)
        (_, first), *later = told[max(0, earlier - 1) :]
        spells = [Spell(since=at, temperature_c=_sane(c)) for at, c in [(begun, first), *later]]
        return self._cooled(spells) if stage == self.stage else spells

    def _told(self, stage: Stage) -> Iterator[tuple[datetime, float]]:
        """The temperatures that somebody gave, oldest first."""
        noted = [(self.started_at, self.temperature_c)]
        if stage == Stage.BOTTLED:
            noted.append((self.sealed_at, self.bottled_temperature_c))
        read = [(r.at, r.temperature_c) for r in self.readings if self._belongs(r, stage)]
        yield from sorted(((at, c) for at, c in noted + read if c is not None), key=itemgetter(0))

    def _belongs(self, reading: Reading, stage: Stage) -> bool:
        return stage == Stage.BOTTLED or self.bottled_at is None or reading.at < self.bottled_at

    def _cooled(self, spells: list[Spell]) -> list[Spell]:
        if self.cooled_at is None:
            return spells
        before = [spell for spell in spells if spell.since < self.cooled_at]
        return [*before, Spell(since=self.cooled_at, temperature_c=FRIDGE_C, in_fridge=True)]


def _sane(temperature_c: float) -> float:
    return max(0.0, min(45.0, temperature_c))
