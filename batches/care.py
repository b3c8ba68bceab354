"""What a keeper should be told, and when: facts in, suggestions out."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from batches.cases import HINT
from batches.facts import Facts, Reading
from batches.keepers import Keeper
from batches.kinds import Kind
from batches.wishes import Case, Wish, rules_for

__all__ = ["Facts", "Kind", "Reading", "Suggestion", "suggest"]

SOON = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """One thing to be reminded of. Priority 0 is safety, 1 something to do, 2 a hint."""

    kind: str
    due_at: datetime
    message: str
    why: str
    priority: int


def suggest(facts: Facts, *, now: datetime, keeper: Keeper) -> list[Suggestion]:
    """What is to come for this batch, soonest first, at most one of a kind.

    No bottle is to be rescued in its keeper's night: such a time is moved earlier.
    """
    case = Case(facts=facts, now=now, keeper=keeper)
    wishes = [wish for rule in rules_for(case) for wish in rule(case)]
    found = [_settled(wish, case) for wish in wishes if wish.due_at > now or wish.stays]
    return sorted(_one_of_a_kind(found), key=lambda one: (one.due_at, one.priority))


def parted(
    suggestions: Iterable[Suggestion], muted: Collection[str]
) -> tuple[list[Suggestion], list[Suggestion]]:
    """What is suggested, and the hints that are not: nothing graver can be muted."""
    said: tuple[list[Suggestion], list[Suggestion]] = ([], [])
    for one in suggestions:
        said[one.priority == HINT and one.kind in muted].append(one)
    return said


def _settled(wish: Wish, case: Case) -> Suggestion:
    """With the time and the words that fit the hour."""
    is_late = wish.due_at <= case.now
    due_at = case.now + SOON if is_late else wish.due_at
    if wish.by_day:
        due_at = max(case.awake(due_at), min(due_at, case.now + SOON))
    message = (
        (wish.late or _("Overdue: %(message)s") % {"message": wish.message}) if is_late else wish.message
    )
    return Suggestion(
        kind=wish.kind,
        due_at=_to_the_minute(due_at, case.now),
        message=message,
        why=wish.why,
        priority=wish.priority,
    )


def _to_the_minute(due_at: datetime, now: datetime) -> datetime:
    """Nobody waits for seconds; rather early than late, but not in the past."""
    minute = due_at.replace(second=0, microsecond=0)
    return minute if minute > now else due_at


def _one_of_a_kind(found: Iterable[Suggestion]) -> Iterable[Suggestion]:
    """The gravest of each kind, and of these the first."""
    kept: dict[str, Suggestion] = {}
    for one in sorted(found, key=lambda one: (one.priority, one.due_at)):
        kept.setdefault(one.kind, one)
    return kept.values()
