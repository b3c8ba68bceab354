"""What a batch's keeper reads of it: its state in a word, its one number, and what may be done with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from batches import acidity
from batches.cultures import ferment
from batches.facts import Facts
from batches.keepers import Keeper
from batches.pressure import outlook
from batches.readiness import usually_ready_at
from batches.stages import Place, Stage, Status, moves_from

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)

MAY_BE_PRESSED = gettext_lazy("May be under pressure: keep it cold, and open it slowly over a sink.")

STATE_WORDS = {
    "open": gettext_lazy("Open jar"),
    "bottled": gettext_lazy("Bottled"),
    "in_fridge": gettext_lazy("In the fridge"),
    "ready": gettext_lazy("Ready"),
    "archived": gettext_lazy("Archived"),
}


def state_of(place: Place) -> str:
    """The one word that gives it its colour: where it stands, or else which stage is working."""
    return str(place.stage if place.status == Status.ACTIVE else place.status)


def state_of_grains(status: str) -> str:
    return {"active": str(Stage.OPEN), "in_fridge": str(Status.IN_FRIDGE)}.get(status, str(Status.ARCHIVED))


@dataclass(frozen=True)
class Deed:
    """A move, as a button says it."""

    label: str
    icon: str
    to: Place
    asks_first: bool = False


def deed(before: Place, after: Place) -> Deed:
    if after.stage != before.stage:
        return Deed(_("Strain and bottle"), "bottle", after, asks_first=True)
    if after.status == Status.ARCHIVED:
        return Deed(_("Finished") if before.status == Status.READY else _("Put it away"), "archive", after)
    return {
        Status.ACTIVE: Deed(_("Back on the counter"), "undo", after),
        Status.IN_FRIDGE: Deed(_("Into the fridge"), "snowflake", after),
        Status.READY: Deed(_("Ready to drink"), "leaf", after),
    }[after.status]


def moved_words(before: Place, after: Place) -> str:
    """A move that was made."""
    if after.stage != before.stage:
        return _("strained and bottled")
    if after.status == Status.ARCHIVED:
        return _("put away")
    if before.status == Status.ARCHIVED:
        return _("taken out of the archive")
    return {
        Status.ACTIVE: _("back on the counter"),
        Status.IN_FRIDGE: _("into the fridge"),
        Status.READY: _("ready to drink"),
    }[after.status]


# The move most people make next; the rest is folded away.
NEXT: Mapping[Place, Place] = {
    Place(Stage.OPEN, Status.ACTIVE): Place(Stage.BOTTLED, Status.ACTIVE),
    Place(Stage.OPEN, Status.IN_FRIDGE): Place(Stage.OPEN, Status.ACTIVE),
    Place(Stage.OPEN, Status.READY): Place(Stage.OPEN, Status.ARCHIVED),
    Place(Stage.BOTTLED, Status.ACTIVE): Place(Stage.BOTTLED, Status.IN_FRIDGE),
    Place(Stage.BOTTLED, Status.IN_FRIDGE): Place(Stage.BOTTLED, Status.READY),
    Place(Stage.BOTTLED, Status.READY): Place(Stage.BOTTLED, Status.ARCHIVED),
}


def main_deed(
    place: Place, culture: str, *, is_mouldy: bool = False, is_not_sour: bool = False
) -> Deed | None:
    """What comes next; a culture that is never bottled goes from its jar into the fridge, and mould nowhere.

    Nor does anything lead on what should be sour by now and is not.
    """
    if (is_mouldy or is_not_sour) and place.status != Status.ARCHIVED:
        return Deed(_("It is discarded"), "archive", Place(place.stage, Status.ARCHIVED))
    if place == Place(Stage.OPEN, Status.ACTIVE) and ferment(culture).bottled is None:
        return deed(place, Place(Stage.OPEN, Status.IN_FRIDGE))
    return deed(place, NEXT[place]) if place in NEXT else None


def other_deeds(
    place: Place, culture: str, *, is_mouldy: bool = False, is_not_sour: bool = False
) -> list[Deed]:
    if is_mouldy:
        return []
    main = main_deed(place, culture, is_not_sour=is_not_sour)
    order = list(Status)
    rest = [deed(place, after) for after in moves_from(place) if main is None or after != main.to]
    return sorted(rest, key=lambda one: (-len(one.to.stage), order.index(one.to.status)))


@dataclass(frozen=True, kw_only=True)
class Clock:
    """The one number of a batch: how long is left, or since when. `percent` is what is left of the whole."""

    big: str
    sub: str
    at: datetime | None = None
    percent: int | None = None
    icon: str = ""
    is_lively: bool = False
    is_danger: bool = False
    is_counted: bool = False  # its number is told where there is room for it, though a small ring has an icon


def clock_of(facts: Facts, *, now: datetime, keeper: Keeper, since: datetime | None = None) -> Clock:
    """`since` is when a batch that is ready, or archived, became so. Of mould nobody is to see past it."""
    if facts.mould_seen_at and facts.status != Status.ARCHIVED:
        big, sub = _("Mould: do not taste"), _("mould was seen")
        return Clock(big=big, sub=sub, at=facts.mould_seen_at, icon="warning", is_danger=True)
    return usual_clock(facts, now=now, keeper=keeper, since=since)


def usual_clock(facts: Facts, *, now: datetime, keeper: Keeper, since: datetime | None = None) -> Clock:
    if facts.status == Status.ARCHIVED:
        return Clock(big=span((since or now) - facts.started_at), sub=_("kept in all"), at=since)
    if facts.status == Status.READY:
        number = span(now - (since or now))
        counted = Clock(big=number, sub=_("ready"), at=since, icon="leaf", is_counted=True)
        return pressing_clock(facts, now) or counted
    if facts.status == Status.IN_FRIDGE:
        return cold_clock(facts, now)
    return working_clock(facts, now, keeper)


def working_clock(facts: Facts, now: datetime, keeper: Keeper) -> Clock:
    """To the usual time, or where readings moved it; a bottle at most to the hour at which it must be cold."""
    if pressing := pressing_clock(facts, now):
        return pressing
    if acidity.fails(facts, now=now):
        return Clock(big=_("Not sour enough"), sub=_("not sour enough"), icon="warning")
    usual_at, act_by = usually_ready_at(facts, now=now), must_be_cold_by(facts, now)
    if usual_at <= now:
        return Clock(
            big=_("Probably ready"), sub=_("probably ready"), at=usual_at, icon="check", is_lively=True
        )
    cold_by = keeper.in_time_for(act_by, now=now) if act_by else None
    end = min(usual_at, cold_by) if cold_by else usual_at
    return Clock(
        big=span(end - now),
        sub=_("until the fridge") if end == cold_by else _("left"),
        at=end,
        percent=share_left(facts.begun_at, end, now),
        is_lively=True,
    )


def cold_clock(facts: Facts, now: datetime) -> Clock:
    """As long as it keeps; a bottle at most until the cold no longer holds its pressure."""
    if pressing := pressing_clock(facts, now):
        return pressing
    cooled_at = facts.cooled_at or now
    seen, days = outlook(facts, now=now), facts.course.fridge_days
    stale = cooled_at + timedelta(days=days) if days else None
    end = min((at for at in (stale, seen and seen.warn_by) if at), default=None)
    if end is None:
        return Clock(big=span(now - cooled_at), sub=_("in the cold"), at=cooled_at)
    rests = facts.stage == Stage.OPEN and bool(facts.course.fridge_checks)
    if end <= now:
        return Clock(
            big=_("Past its best"), sub=_("feed it") if rests else _("drink it up"), at=end, icon="clock"
        )
    return Clock(
        big=span(end - now),
        sub=_("until it wants food") if rests else _("at its best"),
        at=end,
        percent=share_left(cooled_at, end, now),
    )


def pressing_clock(facts: Facts, now: datetime) -> Clock | None:
    """Of bottles that may be at their limit by now; in the cold, of those that are to be opened with care."""
    seen = outlook(facts, now=now)
    if seen is None:
        return None
    due, words = (seen.warn_by, _("Open with care")) if facts.is_cold else (seen.act_by, _("Chill it now"))
    if due is None or due > now:
        return None
    sub = _("pressure may be high") if facts.is_cold else words
    return Clock(big=words, sub=sub, at=due, icon="warning", is_danger=True)


def must_be_cold_by(facts: Facts, now: datetime) -> datetime | None:
    seen = outlook(facts, now=now)
    return seen.act_by if seen else None


def share_left(begun_at: datetime, end: datetime, now: datetime) -> int:
    whole = max(end - begun_at, MINUTE)
    return round(100 * min(1.0, max(0.0, (end - now) / whole)))


@dataclass(frozen=True)
class Chapter:
    """One step of a batch's life, as a stranger reads it."""

    icon: str
    state: str
    words: str
    at: datetime | None = None


def story(
    *,
    started_at: datetime,
    bottled_at: datetime | None,
    ready_at: datetime | None,
    place: Place,
    now: datetime,
) -> list[Chapter]:
    """A batch's life in sentences, told from its public times alone."""
    open_for = span((bottled_at or ready_at or now) - started_at)
    chapters = [Chapter("jar", "open", _("It was set up in an open jar."), started_at)]
    if bottled_at:
        words = _("After %(long)s it was strained and sealed in bottles.") % {"long": open_for}
        chapters.append(Chapter("bottle", "bottled", words, bottled_at))
    elif not ready_at and place.status == Status.ACTIVE:
        chapters.append(
            Chapter("bubbles", "open", _("It has been working for %(long)s.") % {"long": open_for})
        )
    if ready_at:
        words = _("It was ready %(long)s after its start.") % {"long": span(ready_at - started_at)}
        chapters.append(Chapter("leaf", "ready", words, ready_at))
    elif bottled_at and place.status == Status.ACTIVE:
        words = _("Bubbles have been building for %(long)s.") % {"long": span(now - bottled_at)}
        chapters.append(Chapter("bubbles", "bottled", words))
    if place.status == Status.IN_FRIDGE:
        chapters.append(Chapter("snowflake", "in_fridge", _("Now it rests in the fridge.")))
    return chapters


def span(length: timedelta) -> str:
    """In one unit, as long as that says enough: “40 min”, “18 h”, “12 d”."""
    if length < 1.5 * HOUR:
        return _("%(number)s min") % {"number": max(0, length // MINUTE)}
    if length < 3 * DAY:
        return _("%(number)s h") % {"number": round(length / HOUR)}
    return _("%(number)s d") % {"number": round(length / DAY)}
