"""Forecasts of 400 invented keepers × 20 batches, against what they would do without; their bottles; and the cost."""

import time
from dataclasses import replace
from datetime import timedelta
from random import Random

from batches.facts import Facts
from batches.readiness import forecast
from bench.bottles import Guard
from bench.kitchens import AGES, BURST, EPOCH, YEAR, Judge, Keeper
from bench.results import Figure, Report

KEEPERS, BATCHES, SEED = 400, 20, 21
WRONG = 0.25  # of the typical hours, in ln
WRONG_RATE = 0.4  # of the typical bottle's rate, in ln
SHELVES, BOTTLINGS = 200, 16
FORECASTS = 300


def measure() -> Report:
    report = Report("forecast")
    report.calibrate()
    year = Judge(YEAR, seed=SEED).run(KEEPERS, BATCHES)
    burst = Judge(BURST, seed=SEED).run(KEEPERS, BATCHES, on_the_way=True)
    report.figures += [
        *of_year(year),
        *of_burst(burst),
        *of_coverage(year, "year"),
        *of_coverage(burst, "burst"),
    ]
    report.figures += [*of_wrong_typical_hours(), *of_later(burst), *of_ph(burst)]
    report.figures += [*of_bottles(), *of_quick_bottles()]
    report.calibrate()
    report.add("one forecast with 50 batches before", cost(fifty_before()), "ms", at_most=1)
    report.notes.append("invented kitchens: they try the mathematics, not the typical hours")
    return report


def of_year(year: Judge) -> list[Figure]:
    return [
        Figure("year: error of the median", year.all.error, "h"),
        Figure("year: of one's own mean of five", year.of_own_mean(), "×", at_most=0.82),
        Figure("year: of that, from the fourth batch", year.of_own_mean(AGES[2:]), "×", at_most=0.80),
        Figure("year: of 36 h always", year.of_fixed, "×", at_most=0.60),
        Figure("year: of the keeper's target", year.of_target, "×"),
    ]


def of_burst(burst: Judge) -> list[Figure]:
    return [
        Figure("burst: error of the median", burst.all.error, "h"),
        Figure("burst: of one's own mean of five", burst.of_own_mean(), "×", at_most=0.92),
        Figure("burst: of 36 h always", burst.of_fixed, "×", at_most=0.60),
    ]


def of_coverage(judge: Judge, name: str) -> list[Figure]:
    taught = judge.taught
    return [
        Figure(f"{name}: truth within the 80 % range", taught.cover_80, at_least=0.78),
        Figure(f"{name}: and no more than honest", taught.cover_80, at_most=0.90),
        Figure(f"{name}: truth within the 50 % range", taught.cover_50, at_least=0.47),
        Figure(f"{name}: and no more than honest", taught.cover_50, at_most=0.60),
        Figure(f"{name}: width from the eighth, of the first", narrowing(judge), "×", at_most=0.75),
    ]


def narrowing(judge: Judge) -> float:
    return judge.model[AGES[3]].width / judge.model[AGES[0]].width


def of_wrong_typical_hours() -> list[Figure]:
    figures = []
    for shift, name in ((WRONG, "slower"), (-WRONG, "faster")):
        judge = Judge(YEAR, seed=SEED, shift=shift).run(KEEPERS, BATCHES)
        first = judge.model[AGES[0]].cover_80
        figures += [
            Figure(f"all {name} than typical: 80 %, first batch", first, at_least=0.70),
            Figure(f"all {name} than typical: 80 %, later", judge.taught.cover_80, at_least=0.78),
            Figure(f"all {name} than typical: error", judge.all.error, "h"),
        ]
    return figures


def of_later(burst: Judge) -> list[Figure]:
    still = burst.later["still"]
    return [
        Figure(
            "not ready at the 70 % point: of not updated",
            burst.of_later("still", "still, not updated"),
            "×",
            at_most=0.55,
        ),
        Figure("not ready at the 70 % point: within 80 %", still.cover_80, at_least=0.76),
        Figure("not ready at the 70 % point: and honest", still.cover_80, at_most=0.88),
    ]


def of_ph(burst: Judge) -> list[Figure]:
    goals = {"strip": 0.95, "meter": 0.86, "meter, learned": 0.78}
    errors = [
        Figure(f"pH by {name}: error, of none", burst.of_later(name, "no pH"), "×", at_most=goal)
        for name, goal in goals.items()
    ]
    return errors + [
        Figure(f"pH by {name}: truth within the 80 % range", burst.later[name].cover_80, at_least=0.75)
        for name in goals
    ]


def of_bottles() -> list[Figure]:
    guard = Guard(seed=SEED).run(SHELVES, BOTTLINGS)
    taught, before = guard.seen(AGES[2:])
    return [
        Figure("bottles: truth within the band, nobody rated", guard.untaught[AGES[0]].cover, at_least=0.85),
        Figure("bottles: from the third rating, untaught", before.cover),
        Figure("bottles: from the third rating, taught", taught.cover, at_least=0.86),
        Figure("bottles: and no more than honest", taught.cover, at_most=0.95),
        Figure("bottles: width of the band, of the untaught", taught.width / before.width, "×", at_most=0.90),
        Figure(
            "bottles: error of the likely, of the untaught", taught.error / before.error, "×", at_most=0.90
        ),
        Figure("bottles: at their limit before the hour to act by", taught.late, at_most=0.05),
        Figure("bottles: hours until then, of the untaught", taught.hours / before.hours, "×"),
    ]


def of_quick_bottles() -> list[Figure]:
    """Where all bottles work half as fast again as is typical."""
    taught, before = Guard(seed=SEED, shift=WRONG_RATE).run(SHELVES, BOTTLINGS).seen(AGES[1:])
    return [
        Figure("bottles, all quicker: within the band, untaught", before.cover),
        Figure("bottles, all quicker: within the band, taught", taught.cover, at_least=before.cover),
        Figure("bottles, all quicker: at their limit too early, untaught", before.late),
        Figure("bottles, all quicker: at their limit too early, taught", taught.late, at_most=before.late),
    ]


def fifty_before() -> Facts:
    keeper, history = Keeper(Random(SEED), YEAR), []
    for jar in keeper.batches(50):
        history.append(jar.past(jar.facts(history)))
    facts = next(keeper.batches(1)).facts(history)
    return replace(facts, temperature_c=22, started_at=EPOCH)


def cost(facts: Facts) -> float:
    """Milliseconds of processor time."""
    began = time.process_time()
    for number in range(FORECASTS):
        forecast(facts, now=EPOCH + timedelta(minutes=number))
    return (time.process_time() - began) * 1000 / FORECASTS
