"""The rules of care: what each would say of a batch, and from when."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from functools import cached_property

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.units import number
from batches.cultures import BottleKind
from batches.facts import Facts
from batches.ferments import Check, Course
from batches.kinds import Kind
from batches.pressure import LIMITS, MARGIN_C, Outlook, outlook
from batches.readiness import Forecast, forecast
from batches.stages import Place, Stage, Status
from batches.thermal import rate, thermal_hours, time_of

SAFETY, ACTION, HINT = 0, 1, 2
NIGHT = (time(22, 30), time(7, 0))
TO_THE_FRIDGE = timedelta(hours=2)
STILL_SWEET = 10.0  # g/L of sugar that still makes gas in the fridge

TOO_WARM = gettext_lazy("A little too warm for it: fast, sour, with off-flavours. Move it somewhere cooler.")
TOO_COLD = gettext_lazy("It is slow in the cold, not stuck. A warmer place helps.")
TOO_ACID = gettext_lazy("Too sour to drink as it is: keep it as starter or as vinegar.")
WHICH_BOTTLE = gettext_lazy(
    "Which bottle is it? Until you say, it counts as too weak for pressure. Estimate, bottles differ."
)
OPEN_SLOWLY = gettext_lazy("Pressure may be high: chill it, or open it slowly until it calms.")
OPEN_WITH_CARE = gettext_lazy(
    "Open it slowly over the sink, under a towel, and drink it. Estimate, bottles differ."
)
PAST_ITS_BEST = gettext_lazy("Past its best: drink it up, or pour it away.")
WHY_PRESSED = gettext_lazy(
    "Cold slows the gas but does not stop it: one in twenty is at its limit (estimate, bottles differ)."
)


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
    if min(recent) > case.course.warmest_c - 2:
        told = {"at_so_warm": case.at_so_warm, "limit": celsius(case.course.warmest_c)}
        why = _("It stands %(at_so_warm)s; towards %(limit)s the taste suffers.") % told
        yield _now(case, Kind.TOO_WARM, str(TOO_WARM), why, ACTION)
    if recent[-1] < case.course.coldest_c:
        told = {"at_so_warm": case.at_so_warm, "limit": celsius(case.course.coldest_c)}
        why = _("It stands %(at_so_warm)s; below %(limit)s it works slowly.") % told
        yield _now(case, Kind.TOO_COLD, str(TOO_COLD), why, HINT)


def _too_acid(case: Case) -> Iterator[Wish]:
    ph, least = case.facts.newest_ph, case.course.too_acid_below
    if ph is not None and least is not None and ph < least:
        told = {"ph": number(ph), "least": number(least)}
        why = _("The last pH was %(ph)s, and below %(least)s it is too acid to drink undiluted.") % told
        yield _now(case, Kind.TOO_ACID, str(TOO_ACID), why, SAFETY)


def _bottle_unknown(case: Case) -> Iterator[Wish]:
    if case.facts.bottle_kind not in LIMITS or case.facts.bottle_kind == BottleKind.UNKNOWN:
        why = _("How long it may stand depends on the bottle; the weakest is assumed.")
        yield _now(case, Kind.CHOOSE_BOTTLE, str(WHICH_BOTTLE), why, SAFETY)


def _now(case: Case, kind: Kind, message: str, why: str, priority: int) -> Wish:
    """What is so already, and stays so until the keeper changes something."""
    return Wish(
        kind=kind, due_at=case.now, message=message, late=message, why=why, priority=priority, stays=True
    )


def _progress(case: Case) -> Iterator[Wish]:
    seen = case.forecast
    yield Wish(
        kind=case.course.early_kind,
        due_at=_early(case),
        message=str(case.course.early),
        why=_typical(case, _("some are ready by then")),
    )
    moved = seen.median > case.facts.begun_at + seen.typical + timedelta(hours=1)
    yield Wish(
        kind=Kind.READY,
        due_at=seen.median,
        message=str(case.course.ready),
        why=_typical(
            case, _("this is the middle of what is left") if moved else _("this is the middle of that")
        ),
    )
    yield Wish(
        kind=Kind.OVERDUE,
        due_at=seen.overdue_at,
        message=_("Nine of ten are ready by now. Look and smell; check the temperature and the culture."),
        late=_("Later than nine of ten. Look and smell; check the temperature and the culture."),
        why=_typical(case, _("nine of ten are ready by then")),
        stays=True,
    )


def _early(case: Case) -> datetime:
    """A quarter of the way through the doubt; a bottle also when it should be lively."""
    early = case.forecast.early
    fizzy = case.outlook and case.outlook.fizzy_by
    return min(early, fizzy) if fizzy and fizzy > case.now else early


def _typical(case: Case, part: str) -> str:
    needs = _span(case.forecast.typical / timedelta(hours=1))
    if case.facts.wanted:
        return _("You set %(hours)s; %(part)s.") % {"hours": needs, "part": part}
    told = {"culture": case.facts.name, "hours": needs, "at_so_warm": case.at_so_warm, "part": part}
    return _("%(culture)s typically takes %(hours)s %(at_so_warm)s; %(part)s.") % told


def celsius(temperature_c: float) -> str:
    return f"{number(temperature_c)} °C"


def _span(hours: float) -> str:
    if hours < 1:
        minutes = round(hours * 60)
        return ngettext("%(number)s minute", "%(number)s minutes", minutes) % {"number": minutes}
    if hours < 72:
        return _("%(number)s h") % {"number": f"{hours:.0f}"}
    return _("%(number)s days") % {"number": number(round(hours / 12) / 2)}


def _checks(case: Case) -> Iterator[Wish]:
    # A culture that is never bottled lends the bottle its times, but not what is done to an open jar.
    lent = case.facts.stage == Stage.BOTTLED and case.facts.ferment.bottled is None
    for check in () if lent else case.course.checks:
        due_at = _next(check, case, since=case.facts.begun_at)
        if due_at and not _is_moot(check, case.facts.newest_ph):
            yield _wish(check, due_at, _why_check(check, case))


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


def _is_moot(check: Check, ph: float | None) -> bool:
    if check.ph_above is None:
        return False
    return check.needs_reading if ph is None else ph <= check.ph_above


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
        told = {"name": name, "hours": _span(hours), "every": _span(check.every or 0)}
        if check.every:
            return (
                _("%(name)s: %(hours)s after it began, then every %(every)s, whatever the temperature.")
                % told
            )
        return _("%(name)s: %(hours)s after it began, whatever the temperature.") % told
    pace = rate(case.facts.present_c, course)
    if pace == 1:
        told = {"name": name, "hours": _span(hours), "at_so_warm": case.at_so_warm}
        return _("%(name)s: after %(hours)s %(at_so_warm)s.") % told
    told = {
        "name": name,
        "hours": _span(hours),
        "reference": celsius(course.reference_c),
        "here": _span(hours / pace),
        "at_so_warm": case.at_so_warm,
    }
    return _("%(name)s: after %(hours)s at %(reference)s, which is %(here)s %(at_so_warm)s.") % told


def _cold_enough(check: Check, case: Case) -> str:
    told = {"name": case.facts.name, "hours": _span(check.hours)}
    return _("%(name)s: %(hours)s in the fridge is enough.") % told


def _pressure(case: Case) -> Iterator[Wish]:
    seen = case.outlook
    if seen and seen.warn_by and not (seen.act_by and seen.act_by <= case.now):
        yield Wish(
            kind=Kind.BURP,
            due_at=seen.warn_by,
            message=str(OPEN_SLOWLY),
            late=str(OPEN_SLOWLY),
            why=_one_in_twenty(case, seen.limit.warn_bar, seen.warn_by),
            stays=True,
            by_day=True,
        )
    if seen and seen.act_by:
        yield Wish(
            kind=Kind.CHILL_BY,
            due_at=seen.act_by - TO_THE_FRIDGE,
            message=_chill(case, seen.act_by),
            late=_chill(case, seen.act_by),
            why=_one_in_twenty(case, seen.limit.act_bar, seen.act_by),
            priority=SAFETY,
            stays=True,
            by_day=True,
        )


def _chill(case: Case, act_by: datetime) -> str:
    due_at, by = act_by - TO_THE_FRIDGE, case.local(act_by)
    if act_by <= case.facts.begun_at:
        return _("Too weak for pressure: chill it now, or leave the lid loose. Estimate, bottles differ.")
    if act_by <= case.now:
        return _("The safe time is over: chill it now, wrapped in a towel. Estimate, bottles differ.")
    if case.now < case.awake(due_at) < due_at:
        return _("Into the fridge before the night: its limit comes %(by)s. Estimate, bottles differ.") % {
            "by": by
        }
    return _("Into the fridge by %(by)s, sooner if a tester feels hard. Estimate, bottles differ.") % {
        "by": by
    }


def _one_in_twenty(case: Case, bar: float, at: datetime) -> str:
    hours = (at - case.facts.begun_at) / timedelta(hours=1)
    after = _("%(hours)s after sealing") % {"hours": _span(hours)}
    told = {
        "bar": number(bar),
        "when": after if hours > 0 else _("as soon as it is sealed"),
        "warmest": celsius(case.facts.present_c + MARGIN_C),
        "assumed": case.assumed,
    }
    if case.facts.knows_temperature:
        words = _(
            "One bottle in twenty may reach %(bar)s bar %(when)s, at up to %(warmest)s (estimate, bottles differ)."
        )
    else:
        words = _(
            "One bottle in twenty may reach %(bar)s bar %(when)s, at up to %(warmest)s; no temperature given, "
            "assuming %(assumed)s and a margin (estimate, bottles differ)."
        )
    return words % told


def _cold_pressure(case: Case) -> Iterator[Wish]:
    since, seen = case.facts.cooled_at or case.now, case.outlook
    if seen and seen.sugar_g_per_l > STILL_SWEET:
        weeks = max(1, math.floor((case.now - since) / timedelta(weeks=1)) + 1)
        yield Wish(
            kind=Kind.BURP,
            due_at=since + timedelta(weeks=weeks),
            message=_("The fridge does not stop it: open it for a moment, or drink it."),
            why=_("Sugar is left, and at 4 °C it still turns to gas at a fifth of its speed."),
        )


def _drink_by(case: Case) -> Iterator[Wish]:
    """Before it is past its best or, in a bottle, before the cold no longer holds the pressure."""
    since, seen, days = case.facts.cooled_at or case.now, case.outlook, case.course.fridge_days
    stale = since + timedelta(days=days) if days else None
    pressed = seen.warn_by if seen else None
    due_at = min((at for at in (stale, pressed) if at), default=None)
    if due_at is None:
        return
    late = OPEN_WITH_CARE if pressed and pressed <= case.now else PAST_ITS_BEST
    is_dangerous = seen is not None and seen.act_by is not None and seen.act_by <= case.now
    yield Wish(
        kind=Kind.DRINK_BY,
        due_at=due_at,
        message=_("Drink it by %(day)s.") % {"day": case.local_day(due_at)},
        late=str(late),
        why=str(WHY_PRESSED) if due_at == pressed else _keeps(days or 0),
        priority=SAFETY if is_dangerous else ACTION,
        stays=True,
    )


def _keeps(days: float) -> str:
    return _("In the fridge it stays good for about %(days)s days.") % {"days": number(days)}


Rule = Callable[[Case], Iterator[Wish]]

# A batch that is ready or archived asks for nothing.
RULES: Mapping[Place, tuple[Rule, ...]] = {
    Place(Stage.OPEN, Status.ACTIVE): (_temperature, _too_warm_or_cold, _too_acid, _checks, _progress),
    Place(Stage.OPEN, Status.IN_FRIDGE): (_cold_checks, _drink_by),
    Place(Stage.BOTTLED, Status.ACTIVE): (
        _temperature,
        _too_warm_or_cold,
        _bottle_unknown,
        _checks,
        _progress,
        _pressure,
    ),
    Place(Stage.BOTTLED, Status.IN_FRIDGE): (_bottle_unknown, _cold_pressure, _drink_by),
}
