"""Asking once more for what was told and not done: one message a person, which lists what else is due."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils.translation import ngettext

from kefir import languages
from reminders import queue, routes
from reminders.queue import Ending, Fact, ToDo
from reminders.routes import Going

MOST_LINES = 8


def together(goings: Sequence[Going], *, now: datetime) -> tuple[list[Going], list[Ending]]:
    """Of all that would nag a person now, one goes and lists what else is due; the others' turn comes with the next."""
    nags = [one for one in goings if is_nag(one)]
    if not nags:
        return list(goings), []
    leads = leading(nags)
    list_the_rest(leads, now=now)
    endings = [routes.put_off(one.fact, next_time(one.fact, now=now)) for one in nags if one not in leads]
    return [one for one in goings if not is_nag(one) or one in leads], endings


def is_nag(going: Going) -> bool:
    return going.round > going.fact.round


def leading(nags: Sequence[Going]) -> list[Going]:
    """For each person the one that matters most."""
    first: dict[str, Going] = {}
    for one in sorted(nags, key=lambda nag: (nag.fact.priority, nag.fact.due_at)):
        first.setdefault(one.fact.owner_id, one)
    return list(first.values())


def next_time(fact: Fact, *, now: datetime) -> datetime:
    """Nobody nags whose owner does not want it."""
    return now + (fact.nag_every or timedelta(days=1))


def list_the_rest(leads: Sequence[Going], *, now: datetime) -> None:
    to_do: defaultdict[str, list[ToDo]] = defaultdict(list)
    for one in queue.to_do([lead.fact.owner_id for lead in leads], now=now):
        to_do[one.owner_id].append(one)
    for lead in leads:
        rest = [one for one in to_do[lead.fact.owner_id] if one.id != lead.fact.id]
        with languages.spoken(lead.fact.language):
            lead.lines = lines(rest)
        queue.nagged_already([one.id for one in rest], at=next_time(lead.fact, now=now), now=now)


def lines(rest: Sequence[ToDo]) -> tuple[str, ...]:
    said = [f"{one.name}: {one.message}" for one in rest[:MOST_LINES]]
    more = len(rest) - MOST_LINES
    if more > 0:
        said.append(ngettext("… and %(more)s more", "… and %(more)s more", more) % {"more": more})
    return tuple(said)
