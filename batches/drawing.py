"""Where the lines of a chart run. Times and amounts in, places on paper out; no database, no clock."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil, floor, log10
from typing import Any

WIDTH, HEIGHT = 360, 150
LEFT, RIGHT, TOP, BOTTOM = 46, 8, 12, 24
GRID_LINES = 4
# Where nothing came for so long, the line is broken; and never within what thinning has put together.
GAP, GAP_IN_WIDTHS = timedelta(hours=6), 0.02

Line = Sequence[tuple[datetime, float]]


@dataclass(frozen=True)
class Mark:
    """A line of the grid, or a moment below it: how far along, and what it says."""

    place: float
    words: str


@dataclass(frozen=True)
class Curve:
    """One sensor's line, in as many strokes as it has gaps, and lonely readings as dots."""

    name: str
    strokes: list[str]
    dots: list[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Panel:
    marks: list[Mark]
    moments: list[tuple[float, datetime]]
    curves: list[Curve]
    lowest: float
    highest: float


def panel(
    lines: Iterable[tuple[str, Line]], *, words: Callable[[float], str], at_least: float, breaks: bool = True
) -> Panel | None:
    """Draw lines of (time, amount) over one grid, whose amounts span `at_least` so much. None without any.

    A line `breaks` where nothing came for long; what is measured by hand comes when it comes.
    """
    drawn = [(name, line) for name, line in lines if line]
    if not drawn:
        return None
    times = [at for _, line in drawn for at, _ in line]
    amounts = [amount for _, line in drawn for _, amount in line]
    first, last = min(times), max(times)
    steps = grid(min(amounts), max(amounts), at_least)
    across, up = placing(first, last), rising(steps[0], steps[-1])
    return Panel(
        marks=[Mark(round(up(step), 1), words(step)) for step in steps],
        moments=[(round(across(at), 1), at) for at in moments(first, last)],
        curves=[
            curve(name, line, across, up, gap=gap_of(last - first) if breaks else timedelta.max)
            for name, line in drawn
        ],
        lowest=min(amounts),
        highest=max(amounts),
    )


def placing(first: datetime, last: datetime) -> Callable[[datetime], float]:
    width, span = WIDTH - LEFT - RIGHT, (last - first) or timedelta(hours=1)
    return lambda at: LEFT + width * ((at - first) / span)


def rising(low: float, high: float) -> Callable[[float], float]:
    height = HEIGHT - TOP - BOTTOM
    return lambda amount: TOP + height * (1 - (amount - low) / (high - low))


def grid(low: float, high: float, at_least: float) -> list[float]:
    """Round amounts, evenly spaced, that enclose all."""
    middle, span = (low + high) / 2, max(high - low, at_least)
    step = round_step(span / (GRID_LINES - 1))
    start = floor(min(low, middle - span / 2) / step + 1e-9)
    end = ceil(max(high, middle + span / 2) / step - 1e-9)
    return [round(number * step, 6) for number in range(start, max(end, start + 1) + 1)]


def round_step(at_least: float) -> float:
    """1, 2 or 5 of some power of ten."""
    power: float = 10.0 ** floor(log10(at_least))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= at_least * 0.999)


def moments(first: datetime, last: datetime) -> list[datetime]:
    return [first] if first == last else [first, first + (last - first) / 2, last]


def gap_of(span: timedelta) -> timedelta:
    return max(GAP, span * GAP_IN_WIDTHS)


def curve(
    name: str,
    line: Line,
    across: Callable[[datetime], float],
    up: Callable[[float], float],
    *,
    gap: timedelta,
) -> Curve:
    pieces = [
        [(f"{across(at):.1f}", f"{up(amount):.1f}") for at, amount in piece] for piece in broken(line, gap)
    ]
    strokes = [" ".join(",".join(place) for place in piece) for piece in pieces if len(piece) > 1]
    return Curve(name, strokes, [piece[0] for piece in pieces if len(piece) == 1])


def broken(line: Line, gap: timedelta) -> list[list[tuple[datetime, float]]]:
    pieces: list[list[tuple[datetime, float]]] = []
    for at, amount in line:
        if not pieces or at - pieces[-1][-1][0] > gap:
            pieces.append([])
        pieces[-1].append((at, amount))
    return pieces


def described(
    key: str, title: str, unit: str, drawn: Panel | None, words: Callable[[float], str]
) -> dict[str, Any] | None:
    """As templates/components/chart.html takes it."""
    if drawn is None:
        return None
    return {
        "key": key,
        "title": title,
        "unit": unit,
        "panel": drawn,
        "lowest": words(drawn.lowest),
        "highest": words(drawn.highest),
    }
