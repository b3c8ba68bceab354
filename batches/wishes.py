"""The rules of care for what is in a jar, and the table of all: what each would say of a batch, and from when."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.units import number
from batches import acidity
from batches import bottle_wishes as bottle
from batches.cases import ACTION, HINT, SAFETY, Case, Rule, Wish, long
from batches.ferments import Check
from batches.kinds import Kind
from batches.stages import Place, Stage, Status
from batches.thermal import rate, thermal_hours, time_of

__all__ = ["Case", "Wish", "rules_for"]

TO_BE_EATEN = {Kind.TASTE, Kind.STRAIN}  # not what should be sour by now and is not
TOO_HOT_C = 35.0  # L: beyond it spoilage thrives, and grains die

HARDLY_FIZZY = gettext_lazy("Little sugar: expect it nearly still. Chill it, and open it over the sink.")
TOO_HOT = gettext_lazy("Far too hot: it may spoil, and the culture may die. Move it somewhere cooler now.")
TOO_WARM = gettext_lazy("A little too warm for it: fast, sour, with off-flavours. Move it somewhere cooler.")
TOO_COLD = gettext_lazy("It is slow in the cold, not stuck. A warmer place helps.")
TOO_ACID = gettext_lazy("Too sour to drink as it is: keep it as starter or as vinegar.")


def _temperature(case: Case) -> Iterator[Wish]:
    if not case.facts.knows_temperature:
        first = case.facts.begun_at + timedelta(hours=1)
        days = max(0, math.ceil((case.now - first) / timedelta(days=1)))
        yield Wish(
            kind=Kind.SET_TEMPERATURE,
            due_at=first + timedelta(days=days),
            message=_("Add the room temperature: the times get about a quarter better."),
            why=_("Without it the times are for %(warmth)s (no temperature given, assuming %(warmth)s).")
            % {"warmth": case.assumed},
            priority=HINT,
        )


def _too_warm_or_cold(case: Case) -> Iterator[Wish]:
    recent = [spell.temperature_c for spell in case.facts.spells(case.facts.stage)[-2:]]
    told = {"at_so_warm": case.at_so_warm, "ready": case.about(case.forecast.median)}
    if recent[-1] > TOO_HOT_C:
        why = _("A rule: it stands %(at_so_warm)s, and beyond %(limit)s spoilage is what thrives.")
        yield case.already(
            Kind.TOO_WARM, str(TOO_HOT), why % {**told, "limit": case.warmth(TOO_HOT_C)}, ACTION
        )
    elif min(recent) > case.course.warmest_c - 2:
        why = _(
            "A rule: it stands %(at_so_warm)s, and towards %(limit)s the taste suffers. Probably ready %(ready)s."
        )
        told["limit"] = case.warmth(case.course.warmest_c)
        yield case.already(Kind.TOO_WARM, str(TOO_WARM), why % told, ACTION)
    if recent[-1] < case.course.coldest_c:
        why = _(
            "A rule: it stands %(at_so_warm)s, and below %(limit)s it works slowly. Probably ready %(ready)s."
        )
        told["limit"] = case.warmth(case.course.coldest_c)
        yield case.already(Kind.TOO_COLD, str(TOO_COLD), why % told, HINT)


def _too_acid(case: Case) -> Iterator[Wish]:
    ph, least = case.facts.newest_ph, case.course.too_acid_below
    if ph is not None and least is not None and ph < least:
        told = {"ph": number(ph), "least": number(least)}
        why = (
            _("A rule: the last pH was %(ph)s, and below %(least)s it is too acid to drink undiluted.") % told
        )
        yield case.already(Kind.TOO_ACID, str(TOO_ACID), why, SAFETY)


def _mould(case: Case) -> Iterator[Wish]:
    if seen_at := case.facts.mould_seen_at:
        why = _("A rule: what has gone mouldy is neither tasted nor rescued. It was written down %(when)s.")
        if case.facts.stage == Stage.BOTTLED:
            why = _(
                "A rule: open the bottles slowly over the sink, they may be under pressure. Mould was written down"
                " %(when)s."
            )
        message = str(case.facts.ferment.words.if_mould)
        yield case.already(Kind.MOULD, message, why % {"when": case.local(seen_at)}, SAFETY)


def _progress(case: Case) -> Iterator[Wish]:
    seen = case.forecast
    yield Wish(
        kind=case.course.early_kind,
        due_at=_early(case),
        message=str(case.course.early),
        why=_typical(case, _("some are ready by then")),
    )
    yield _good_fizz(case) if case.course.early_kind == Kind.CARBONATION else _ready(case)
    late = _(
        "Later than nine of ten of yours would be. Look and smell; check the temperature and the culture."
    )
    part = _("nine of ten of yours would be ready by then")
    if not seen.n_history:
        # Nobody's batches stand behind it.
        late = _(
            "Later than is typical (an estimate). Look and smell; check the temperature and the culture."
        )
        part = _("by an estimate most are ready by then")
    yield Wish(
        kind=Kind.OVERDUE,
        due_at=seen.overdue_at,
        message=late,
        late=late,
        why=_typical(case, part),
        stays=True,
    )


def _ready(case: Case) -> Wish:
    seen = case.forecast
    moved = seen.median > case.facts.begun_at + seen.typical + timedelta(hours=1)
    part = (
        _("this is the middle of what is left, and eight of ten are ready %(between)s")
        if moved
        else _("this is the middle of that, and eight of ten are ready %(between)s")
    )
    why = _typical(case, part % {"between": case.between(seen.earliest, seen.latest)})
    return Wish(kind=Kind.READY, due_at=seen.median, message=str(case.course.ready), why=why)


def _good_fizz(case: Case) -> Wish:
    """What is sealed for its fizz is ready by its gas; at its keeper's own hour it is looked at."""
    usual, lively_by = _ready(case), case.outlook.lively_by if case.outlook else None
    if lively_by is None:
        return replace(usual, message=str(HARDLY_FIZZY), why=_("By an estimate of its sugar and its gas."))
    if case.facts.wanted:
        return usual if lively_by <= usual.due_at else replace(usual, message=str(case.course.early))
    why = _(
        "By its sugar and its warmth there is likely as much gas in it then: an estimate, bottles differ."
    )
    return replace(usual, due_at=lively_by, late=usual.message, why=why, stays=True)


def _early(case: Case) -> datetime:
    """A quarter of the way through the doubt; a bottle also when it should be lively."""
    early = _taste_again(case) or case.forecast.early
    fizzy = case.outlook and case.outlook.fizzy_by
    return min(early, fizzy) if fizzy and fizzy > case.now else early


def _taste_again(case: Case) -> datetime | None:
    """Where one taste is followed by others: some time after the last, until nine of ten are ready."""
    tasted = [one.at for one in case.facts.readings if one.taste and one.at >= case.forecast.tasting_from]
    if not tasted or not case.course.taste_every:
        return None
    pace = rate(case.facts.present_c, case.course)
    again = max(tasted) + timedelta(hours=case.course.taste_every / pace)
    return again if case.now < again <= case.forecast.overdue_at else None


def _typical(case: Case, part: str) -> str:
    needs = long(case.forecast.typical / timedelta(hours=1))
    if case.facts.wanted:
        return _("You set %(hours)s; %(part)s.") % {"hours": needs, "part": part}
    told = {"culture": case.facts.name, "hours": needs, "at_so_warm": case.at_so_warm, "part": part}
    return _("%(culture)s typically takes %(hours)s %(at_so_warm)s; %(part)s.") % told


def _refresh(case: Case) -> Iterator[Wish]:
    """Now and then the grains want more than the next jar."""
    every, before = case.course.refresh_every, case.facts.with_these_grains
    if every and (before + 1) % every == 0:
        why = _("It is batch %(number)s with these grains: each %(every)s of them, a rule of thumb.")
        yield Wish(
            kind=Kind.REFRESH,
            due_at=case.forecast.median,
            message=_("When you strain it, move the grains to new sugar water with a pinch of minerals."),
            why=why % {"number": before + 1, "every": every},
            priority=HINT,
        )


def _checks(case: Case) -> Iterator[Wish]:
    # A culture that is never bottled lends the bottle its times, but not what is done to an open jar.
    lent = case.facts.stage == Stage.BOTTLED and case.facts.ferment.bottled is None
    for check in () if lent else case.course.checks:
        due_at = _next(check, case, since=case.facts.begun_at)
        if due_at and not _is_moot(check, case):
            yield replace(_wish(check, due_at, _why_check(check, case)), late=_failing(check, case))


def _cold_checks(case: Case) -> Iterator[Wish]:
    since = case.facts.cooled_at or case.now
    for check in case.course.fridge_checks if case.facts.stage == Stage.OPEN else ():
        if due_at := _next(check, case, since=since):
            yield _wish(check, due_at, _cold_enough(check, case))


def _wish(check: Check, due_at: datetime, why: str) -> Wish:
    return Wish(
        kind=check.kind,
        due_at=due_at,
        message=str(check.message),
        why=why,
        priority=check.priority,
        stays=check.stays or check.priority == SAFETY,
    )


def _is_moot(check: Check, case: Case) -> bool:
    if check.of_strained_grains and case.facts.grains_are_kept:
        return True
    if check.ph_above is None:
        return case.is_not_sour and check.kind in TO_BE_EATEN
    ph = case.facts.newest_ph
    return check.needs_reading if ph is None else not acidity.is_too_high(ph, check)


def _failing(check: Check, case: Case) -> str:
    if not acidity.has_failed(check, case.facts, now=case.now):
        return ""
    return str(check.failing) % {"ph": number(case.facts.newest_ph or 0)}


def _next(check: Check, case: Case, *, since: datetime) -> datetime | None:
    """When a check is due, the next time if it comes again; None when it has come for the last time."""
    spells = case.facts.spells(case.facts.stage)
    by_clock = (case.now - since) / timedelta(hours=1)
    done = by_clock if check.by_clock else thermal_hours(spells, case.course, case.now)
    hours = check.hours
    if check.every and done >= hours:
        hours += check.every * (math.floor((done - hours) / check.every + 1e-6) + 1)
    if check.until and hours > check.until:
        return None
    return since + timedelta(hours=hours) if check.by_clock else time_of(hours, spells, case.course)


def _why_check(check: Check, case: Case) -> str:
    name, hours, course = case.facts.name, check.hours, case.course
    if check.by_clock:
        told = {"name": name, "hours": long(hours), "every": long(check.every or 0)}
        if check.every:
            return (
                _(
                    "A rule: %(name)s, %(hours)s after it began, then every %(every)s, whatever the temperature."
                )
                % told
            )
        return _("A rule: %(name)s, %(hours)s after it began, whatever the temperature.") % told
    pace = rate(case.facts.present_c, course)
    if pace == 1:
        told = {"name": name, "hours": long(hours), "at_so_warm": case.at_so_warm}
        return _("A rule: %(name)s, after %(hours)s %(at_so_warm)s.") % told
    told = {
        "name": name,
        "hours": long(hours),
        "reference": case.warmth(course.reference_c),
        "here": long(hours / pace),
        "at_so_warm": case.at_so_warm,
    }
    return _("A rule: %(name)s, after %(hours)s at %(reference)s, which is %(here)s %(at_so_warm)s.") % told


def _cold_enough(check: Check, case: Case) -> str:
    told = {"name": case.facts.name, "hours": long(check.hours)}
    return _("A rule: %(name)s, after %(hours)s in the fridge.") % told


# What is archived, or ready and not sealed, asks for nothing.
RULES: Mapping[Place, tuple[Rule, ...]] = {
    Place(Stage.OPEN, Status.ACTIVE): (
        _temperature,
        _too_warm_or_cold,
        _too_acid,
        _checks,
        _progress,
        _refresh,
    ),
    Place(Stage.OPEN, Status.IN_FRIDGE): (_cold_checks, bottle.drink_by),
    Place(Stage.BOTTLED, Status.ACTIVE): (
        _temperature,
        _too_warm_or_cold,
        bottle.bottle_unknown,
        _checks,
        _progress,
        bottle.pressure,
    ),
    Place(Stage.BOTTLED, Status.IN_FRIDGE): (bottle.bottle_unknown, bottle.cold_pressure, bottle.drink_by),
    Place(Stage.BOTTLED, Status.READY): (bottle.bottle_unknown, bottle.pressure),
}


def rules_for(case: Case) -> tuple[Rule, ...]:
    """Nobody tastes, strains or drinks what has gone mouldy; but its bottles burst like any other.

    Nor is called ready what should be sour by now and is not.
    """
    facts = case.facts
    place = Place(facts.stage, Status.IN_FRIDGE) if facts.is_cold else facts.place
    usual = RULES.get(place, ())
    if facts.mould_seen_at is None or facts.status == Status.ARCHIVED:
        return tuple(
            rule for rule in usual if not (case.is_not_sour and rule in {_progress, bottle.drink_by})
        )
    return (_mould, *(rule for rule in usual if rule is bottle.pressure))
