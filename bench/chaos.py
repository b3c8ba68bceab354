"""2 000 due while things are killed, frozen, emptied and shifted: each several times, and the worst run is told."""

from bench.faults import CHUNK, FAULTS, Verdict, scene
from bench.results import Report
from reminders.routes import TRIES_IN_DOUBT

COUNT = 2_000
RUNS = 3
# Each has one request under way.
CHILDREN = 2
# It takes the messages and says nothing: they come again, as often as we try in doubt.
LOST = "Expo: lost"


def measure() -> Report:
    report = Report("chaos")
    with scene(COUNT) as it:
        for fault in FAULTS:
            verdicts = []
            for _ in range(RUNS):
                verdicts.append(fault(it))
                print(f"  {verdicts[-1]}", flush=True)
            tell(report, verdicts)
    return report


def tell(report: Report, verdicts: list[Verdict]) -> None:
    worst = max(verdicts, key=lambda one: (one.lost, one.duplicates, one.seconds))
    report.add(f"{worst.fault}: lost", max(one.lost for one in verdicts), at_most=0)
    report.add(f"{worst.fault}: of another identity", max(one.foreign for one in verdicts), at_most=0)
    if worst.fault == LOST:
        most = max(one.most for one in verdicts)
        report.add(f"{worst.fault}: copies of one", most, at_most=1 + TRIES_IN_DOUBT)
    else:
        allowed = CHUNK * {"a child": 1, "all wor": CHILDREN}.get(worst.fault[:7], 0)
        report.add(f"{worst.fault}: arrived twice", worst.duplicates, at_most=allowed)
    report.add(f"{worst.fault}: until the last had come", max(one.seconds for one in verdicts), "s")
    report.notes.append(str(worst))
