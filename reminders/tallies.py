"""How much was sent, retried and given up, and how late: counted where it is noted, so the sums are exact.

A counter is many rows that are added up, one for each database connection at work: a single one would make all
workers wait for each other.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import accumulate

from django.db.models import Sum

from reminders.models import Tally

LATENESS = "lateness"
REFUSED = "refused"
SUM = "sum"
# Upper bounds, in seconds; what is later still is in the last, nameless one.
BOUNDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
LABELS = (*map(str, BOUNDS), "+Inf")
SLOTS = 64

ADD = f"""
    INSERT INTO reminders_tally AS tally (figure, label, slot, value)
    SELECT figure, label, pg_backend_pid() %% {SLOTS}, value
    FROM unnest(%(figure)s::text[], %(label)s::text[], %(added)s::float8[]) AS added (figure, label, value)
    ORDER BY figure, label
    ON CONFLICT (figure, label, slot) DO UPDATE SET value = tally.value + excluded.value
"""  # noqa: S608 nothing in it comes from outside


def of(
    outcomes: Iterable[tuple[str, str]], late_seconds: Iterable[float], refused: Iterable[str] = ()
) -> Counter[tuple[str, str]]:
    """What one chunk adds: (channel, outcome) of each delivery, how late each reminder was sent, and the channels
    that do not take our own credentials.
    """
    added: Counter[tuple[str, str]] = Counter()
    for channel, outcome in outcomes:
        added[channel, outcome] += 1
    for channel in refused:
        added[REFUSED, channel] += 1
    for seconds in late_seconds:
        added[LATENESS, LABELS[bisect_left(BOUNDS, seconds)]] += 1
        added[LATENESS, SUM] += seconds  # type: ignore[assignment]
    return added


@dataclass
class Totals:
    deliveries: dict[tuple[str, str], float] = field(default_factory=dict)
    lateness: dict[str, float] = field(default_factory=dict)
    refused: dict[str, float] = field(default_factory=dict)

    @property
    def lateness_sum(self) -> float:
        return self.lateness.get(SUM, 0.0)

    def buckets(self) -> list[tuple[str, float]]:
        """As Prometheus has them: each counts what the ones before it count, too."""
        counts = accumulate(self.lateness.get(label, 0.0) for label in LABELS)
        return list(zip(LABELS, counts, strict=True))


def totals() -> Totals:
    found = Totals()
    rows = Tally.objects.values_list("figure", "label").annotate(total=Sum("value"))
    for figure, label, total in rows:
        if figure == LATENESS:
            found.lateness[label] = total
        elif figure == REFUSED:
            found.refused[label] = total
        else:
            found.deliveries[figure, label] = total
    return found
