"""The rules of care for what is sealed: until when it may stand, and when it must be opened or drunk."""

import math
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.units import number
from batches.cases import ACTION, SAFETY, Case, Wish, long
from batches.cultures import BottleKind
from batches.facts import FRIDGE_C
from batches.kinds import Kind
from batches.pressure import LIMITS, MARGIN_C
from batches.stages import Stage

TO_THE_FRIDGE = timedelta(hours=2)
STILL_SWEET = 10.0  # g/L of sugar that still makes gas in the fridge
A_JUMP_C = 3.0  # warmer than it stood before: worth a word

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


def bottle_unknown(case: Case) -> Iterator[Wish]:
    if case.facts.bottle_kind not in LIMITS or case.facts.bottle_kind == BottleKind.UNKNOWN:
        why = _("How long it may stand depends on the bottle; the weakest is assumed.")
        yield case.already(Kind.CHOOSE_BOTTLE, str(WHICH_BOTTLE), why, SAFETY)


def pressure(case: Case) -> Iterator[Wish]:
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
    due_at, by = act_by - TO_THE_FRIDGE, {"by": case.local(case.in_time_for(act_by))}
    if act_by <= case.facts.begun_at:
        return _("Too weak for pressure: chill it now, or leave the lid loose. Estimate, bottles differ.")
    if act_by <= case.now:
        return _("The time to chill it is over: do it now, wrapped in a towel. Estimate, bottles differ.")
    if case.now < case.awake(due_at) < due_at:
        return _("Into the fridge before the night: its limit comes %(at)s. Estimate, bottles differ.") % {
            "at": case.local(case.keeper.half_hour(act_by))
        }
    if _has_jumped(case):
        return _("Warmer now: into the fridge by %(by)s. Estimate, bottles differ.") % by
    return _("Into the fridge by %(by)s, sooner if a tester feels hard. Estimate, bottles differ.") % by


def _has_jumped(case: Case) -> bool:
    """Its last change of warmth was up, and by much."""
    warmth = [spell.temperature_c for spell in case.facts.spells(Stage.BOTTLED)[-2:]]
    return warmth[-1] - warmth[0] >= A_JUMP_C


def _one_in_twenty(case: Case, bar: float, at: datetime) -> str:
    hours = (at - case.facts.begun_at) / timedelta(hours=1)
    after = _("%(hours)s after sealing") % {"hours": long(hours)}
    told = {
        "bar": number(bar),
        "when": after if hours > 0 else _("as soon as it is sealed"),
        "warmest": case.warmth(case.facts.present_c + MARGIN_C),
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


def cold_pressure(case: Case) -> Iterator[Wish]:
    since, seen = case.facts.cooled_at or case.now, case.outlook
    if seen and seen.sugar_g_per_l > STILL_SWEET:
        weeks = max(1, math.floor((case.now - since) / timedelta(weeks=1)) + 1)
        yield Wish(
            kind=Kind.BURP,
            due_at=since + timedelta(weeks=weeks),
            message=_("The fridge does not stop it: open it for a moment, or drink it."),
            why=_("Sugar is left, and at %(cold)s it still turns to gas at a fifth of its speed.")
            % {"cold": case.warmth(FRIDGE_C)},
        )


def drink_by(case: Case) -> Iterator[Wish]:
    """Before it is past its best or, in a bottle, before the cold no longer holds the pressure.

    Planned ahead it is an alarm already: nobody plans anew just because time goes by.
    """
    since, seen, days = case.facts.cooled_at or case.now, case.outlook, case.course.fridge_days
    stale = since + timedelta(days=days) if days else None
    pressed = seen.warn_by if seen else None
    due_at = min((at for at in (stale, pressed) if at), default=None)
    if due_at is None:
        return
    late = OPEN_WITH_CARE if pressed and pressed <= case.now else PAST_ITS_BEST
    act_by = seen.act_by if seen else None
    is_dangerous = act_by is not None and (due_at == pressed or act_by <= case.now)
    yield Wish(
        kind=Kind.DRINK_BY,
        due_at=due_at,
        message=_("Drink it by %(day)s.") % {"day": case.local_day(due_at)},
        late=str(late),
        why=str(WHY_PRESSED) if due_at == pressed else _keeps(days or 0),
        priority=SAFETY if is_dangerous else ACTION,
        stays=True,
        by_day=is_dangerous,
    )


def _keeps(days: float) -> str:
    return _("In the fridge it stays good for about %(days)s days.") % {"days": number(days)}
