"""2 000 due while things are killed, frozen, emptied and shifted: each several times, and the worst run is told."""

from bench.faults import CHUNK, FAULTS, Verdict, scene
from bench.results import Report

COUNT = 2_000
RUNS = 3


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
    allowed = CHUNK if "killed" in worst.fault else COUNT if "lost" in worst.fault else 0
    report.add(f"{worst.fault}: lost", max(one.lost for one in verdicts), at_most=0)
    report.add(f"{worst.fault}: arrived twice", max(one.duplicates for one in verdicts), at_most=allowed)
    report.add(f"{worst.fault}: of another identity", max(one.foreign for one in verdicts), at_most=0)
    report.add(f"{worst.fault}: until the last had come", max(one.seconds for one in verdicts), "s")
    report.notes.append(str(worst))
