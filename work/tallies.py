"""How many jobs wait, are due, were given up; and how every try ended, which is counted where it is noted."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Sum

from work import registry
from work.models import Job, Outcome, is_due


@dataclass
class Figures:
    """Of one kind, just now."""

    waiting: int = 0
    due: int = 0
    oldest_due: timedelta = timedelta()
    dead: int = 0


def by_kind(*, now: datetime) -> dict[str, Figures]:
    """Also of kinds that there are none of: a figure that is not there raises no alarm."""
    found: defaultdict[str, Figures] = defaultdict(Figures, {kind: Figures() for kind in registry.HANDLERS})
    waiting = Job.objects.waiting().values_list("kind")
    due = is_due(now)
    for kind, count, of_these, oldest in waiting.annotate(
        Count("pk"), due=Count("pk", filter=due), oldest=Min("due_at", filter=due)
    ):
        found[kind].waiting, found[kind].due = count, of_these
        found[kind].oldest_due = now - oldest if oldest else timedelta()
    for kind, count in Job.objects.dead().values_list("kind").annotate(Count("pk")):
        found[kind].dead = count
    return dict(sorted(found.items()))


def outcomes() -> list[tuple[str, str, int]]:
    """(kind, outcome, how many tries)"""
    counted = Outcome.objects.values_list("kind", "outcome").annotate(total=Sum("count"))
    return [(kind, outcome, int(total)) for kind, outcome, total in counted.order_by("kind", "outcome")]
