"""Where the dots of "warmer is quicker" stand on paper: batches by temperature and by time to ready. No database."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor

WIDTH, HEIGHT = 360, 220
LEFT, RIGHT, TOP, BOTTOM = 44, 24, 12, 30
# A dot at the edge lies on no word of the axis.
DOT = 12
STEPS = 4


@dataclass(frozen=True, kw_only=True)
class Dot:
    x: float
    y: float
    is_bottled: bool


@dataclass(frozen=True)
class Tick:
    place: float
    value: float


@dataclass(frozen=True, kw_only=True)
class Scatter:
    dots: list[Dot]
    across: list[Tick]  # °C
    up: list[Tick]  # hours


def scatter(points: Iterable[tuple[float, float, bool]]) -> Scatter | None:
    """Of (temperature, hours, whether bottled); None where there is nothing to see."""
    known = list(points)
    if not known:
        return None
    warm = ticks([temperature for temperature, _, _ in known], least=1)
    long = ticks([0, *(hours for _, hours, _ in known)], least=6)
    return Scatter(
        dots=[Dot(x=across(t, warm), y=up(h, long), is_bottled=bottled) for t, h, bottled in known],
        across=[Tick(across(one, warm), one) for one in warm],
        up=[Tick(up(one, long), one) for one in long],
    )


def ticks(values: Sequence[float], *, least: float) -> list[float]:
    """Round steps from below the least to above the most."""
    wide = max(max(values) - min(values), least)
    step = next(one for one in (1, 2, 5, 6, 12, 24, 48, 96, 240, 480, 1000, 4000) if wide / one <= STEPS)
    first, last = floor(min(values) / step), ceil(max(values) / step)
    return [step * n for n in range(first, max(last, first + 1) + 1)]


def across(temperature_c: float, marks: Sequence[float]) -> float:
    return round(LEFT + DOT + (WIDTH - LEFT - RIGHT - DOT) * share(temperature_c, marks), 1)


def up(hours: float, marks: Sequence[float]) -> float:
    return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share(hours, marks), 1)


def share(value: float, marks: Sequence[float]) -> float:
    return (value - marks[0]) / (marks[-1] - marks[0])
