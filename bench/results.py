"""What a measurement says: figures with their goals, on the screen and as JSON under var/bench."""

import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.stack import ROOT

FOLDER = ROOT / "var" / "bench"
# A loop that should take as long as its own processor time; where it takes longer, others had the cores.
STEPS = 600_000
DISTURBED = 1.3


@dataclass
class Figure:
    name: str
    value: float
    unit: str = ""
    at_most: float | None = None
    at_least: float | None = None
    # What each round said, where there were several.
    rounds: Sequence[float] = ()

    @property
    def holds(self) -> bool:
        return not (
            (self.at_most is not None and self.value > self.at_most)
            or (self.at_least is not None and self.value < self.at_least)
        )

    @property
    def goal(self) -> str:
        if self.at_most is not None:
            return f"≤ {plain(self.at_most)}"
        return f"≥ {plain(self.at_least)}" if self.at_least is not None else ""


@dataclass
class Report:
    """One measurement, with how busy the machine was meanwhile."""

    name: str
    figures: list[Figure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    calibration: list[float] = field(default_factory=list)

    def add(self, name: str, value: float, unit: str = "", **goal: Any) -> None:
        self.figures.append(Figure(name, value, unit, **goal))

    def calibrate(self) -> None:
        wall, processor, total = time.perf_counter(), time.process_time(), 0
        for step in range(STEPS):
            total += step * step
        self.calibration.append((time.perf_counter() - wall) / (time.process_time() - processor))

    @property
    def disturbance(self) -> float:
        return statistics.median(self.calibration) if self.calibration else 1.0

    @property
    def holds(self) -> bool:
        return all(figure.holds for figure in self.figures)

    def show(self) -> None:
        spread = f", worst {max(self.calibration):.2f}" if self.calibration else ""
        print(f"\n== {self.name}   wall/cpu {self.disturbance:.2f}{spread}, load {os.getloadavg()[0]:.1f}")
        for one in self.figures:
            mark = "  " if not one.goal else "✓ " if one.holds else "✗ "
            rounds = f"   [{', '.join(plain(value) for value in one.rounds)}]" if one.rounds else ""
            print(f"{mark}{one.name:<46} {plain(one.value):>10} {one.unit:<10} {one.goal:<10}{rounds}")
        for note in self.notes:
            print(f"  {note}")
        if self.disturbance > DISTURBED:
            print("  void: the machine was too busy with something else (wall/cpu over 1.3)")

    def keep(self) -> None:
        FOLDER.mkdir(parents=True, exist_ok=True)
        at = datetime.now(UTC)
        said = {
            **asdict(self),
            "at": at.isoformat(timespec="seconds"),
            "machine": {"processors": os.cpu_count(), "python": platform.python_version()},
            "disturbance": self.disturbance,
        }
        path = FOLDER / f"{self.name}-{at:%Y%m%dT%H%M%S}.json"
        path.write_text(json.dumps(said, indent=1), encoding="utf-8")


def interleaved(report: Report, rounds: int, **measures: Callable[[], float]) -> dict[str, list[float]]:
    """Each measure once a round, and which comes first alternates, so that no drift favours one."""
    said: dict[str, list[float]] = {name: [] for name in measures}
    for number in range(rounds):
        order = list(measures) if number % 2 == 0 else list(reversed(measures))
        for name in order:
            report.calibrate()
            said[name].append(measures[name]())
    return said


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of them does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(share * len(ordered)) - 1))]


def plain(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}".replace(",", " ") if abs(value) >= 1000 else f"{value:.4g}"


def latest(name: str) -> Path | None:
    return max(FOLDER.glob(f"{name}-2*.json"), default=None)
