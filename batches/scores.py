"""How good forecasts were: what was said first of a stage, against when its keeper called it ready. No database."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

HOUR = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One forecast, and when it was ready."""

    model: str
    culture: str
    stage: str
    n_history: int
    earliest_at: datetime
    early_at: datetime
    median_at: datetime
    late_at: datetime
    latest_at: datetime
    ready_at: datetime

    @property
    def is_within_80(self) -> bool:
        return self.earliest_at <= self.ready_at <= self.latest_at

    @property
    def is_within_50(self) -> bool:
        return self.early_at <= self.ready_at <= self.late_at

    @property
    def error_hours(self) -> float:
        """Later than said: positive."""
        return (self.ready_at - self.median_at) / HOUR


@dataclass(frozen=True, kw_only=True)
class Score:
    """Of many: how often it came between what was said, and how far off it was."""

    number: int
    within_80: float
    within_50: float
    mean_error_hours: float
    mean_absolute_hours: float
    median_absolute_hours: float


def score(judged: Sequence[Judged]) -> Score | None:
    if not judged:
        return None
    number, errors = len(judged), [one.error_hours for one in judged]
    absolute = [abs(error) for error in errors]
    return Score(
        number=number,
        within_80=sum(one.is_within_80 for one in judged) / number,
        within_50=sum(one.is_within_50 for one in judged) / number,
        mean_error_hours=sum(errors) / number,
        mean_absolute_hours=sum(absolute) / number,
        median_absolute_hours=median(absolute),
    )


def by_kind(judged: Iterable[Judged]) -> dict[tuple[str, str, str, str], list[Judged]]:
    """By model, culture, stage and how many batches were known, in that order."""
    groups: dict[tuple[str, str, str, str], list[Judged]] = {}
    for one in judged:
        groups.setdefault((one.model, one.culture, one.stage, known(one.n_history)), []).append(one)
    return dict(sorted(groups.items()))


def known(number: int) -> str:
    """In the steps in which they teach."""
    steps = ((0, "0"), (2, "1-2"), (6, "3-6"))
    return next((words for most, words in steps if number <= most), "7+")
