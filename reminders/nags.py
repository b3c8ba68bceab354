"""Asking once more for what was told and not done: one message a person, which lists what else is due."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from reminders import queue, routes
from reminders.models import Reminder
from reminders.queue import Ending, Fact, ToDo
from reminders.routes import Going
from reminders.timing import nag_at

MOST_LINES = 8


def together(goings: Sequence[Going], *, now: datetime) -> tuple[list[Going], list[Ending]]:
    """Of all that would nag a person now, one goes and lists what else is due; the others' turn comes with the next."""
    nags = [one for one in goings if is_nag(one)]
    if not nags:
        return list(goings), []
    wanted = [one for one in nags if one.fact.nag_every and due_at(one.fact) is not None]
    leads = leading(wanted)
    list_the_rest(leads, now=now)
    endings = [again_later(one.fact, now=now) for one in nags if one not in leads]
    return [one for one in goings if not is_nag(one) or one in leads], endings


def is_nag(going: Going) -> bool:
    return going.round > going.fact.round


def due_at(fact: Fact) -> datetime | None:
    """None: not any more, by its owner's wish or because it was said often enough."""
    return nag_at(told_at=fact.sent_at or fact.alert_at, every=fact.nag_every, round=fact.round)


def leading(nags: Sequence[Going]) -> list[Going]:
    """For each person the one that matters most."""
    first: dict[str, Going] = {}
    for one in sorted(nags, key=lambda nag: (nag.fact.priority, nag.fact.due_at)):
        first.setdefault(one.fact.owner_id, one)
    return list(first.values())


def again_later(fact: Fact, *, now: datetime) -> Ending:
    at = now + fact.nag_every if fact.nag_every and due_at(fact) else None
    return routes.unsent(fact, Reminder.Status.SENT, again_at=at)


def list_the_rest(leads: Sequence[Going], *, now: datetime) -> None:
    to_do: defaultdict[str, list[ToDo]] = defaultdict(list)
    for one in queue.to_do([lead.fact.owner_id for lead in leads], now=now) if leads else ():
        to_do[one.owner_id].append(one)
    for lead in leads:
        rest = [one for one in to_do[lead.fact.owner_id] if one.id != lead.fact.id]
        lead.lines = lines(rest)
        if rest and lead.fact.nag_every:
            queue.nagged_already([one.id for one in rest], at=now + lead.fact.nag_every, now=now)


def lines(rest: Sequence[ToDo]) -> tuple[str, ...]:
    said = [f"{one.batch_name}: {one.message}" for one in rest[:MOST_LINES]]
    more = len(rest) - MOST_LINES
    return (*said, f"… and {more} more") if more > 0 else tuple(said)
