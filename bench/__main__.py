"""bench/run NAME…: each name is a module of this folder with a `measure` that gives a Report."""

import importlib
import os
import sys

import django

from bench.stack import FIXED

NAMES = {
    "push": "100 000 due pushes, against the bare claim-and-mark loop in SQL",
    "capped": "Expo's 600 messages a second: reached, and in no second exceeded",
    "email": "2 000 due mails, against a plain loop over one SMTP connection",
    "lateness": "300 reminders at 20 a second on an idle stack",
    "queue": "Celery messages for each 100 pushes",
    "claim": "what finding 100 of 10 million reads, before and after a million dead rows",
    "api": "fifty batches read and an event written over HTTP, against the same without a framework",
    "pages": "list, batch and public page over HTTP, against the same without a framework",
    "scale": "the hot queries among a million rows and among ten, with their plans",
    "memory": "what a worker with two children holds, idle and sending",
    "csv": "100 000 and a million rows as CSV, against a bare COPY of the same rows",
    "presign": "50 signed addresses for photos, beside boto3",
    "forecast": "400 invented keepers × 20 batches, against what they would do without; and its cost",
    "reforecast": "10 000 batches foretold anew: queries of a chunk, and the time",
    "chaos": "2 000 due while things are killed, frozen and emptied; slow",
}


# The models tell what columns there are; each measurement has a database of its own.
NOWHERE = {"DATABASE_URL": "postgresql:///none", "REDIS_URL": "redis://127.0.0.1:1/0"}


def main(names: list[str]) -> int:
    if unknown := [name for name in names if name not in NAMES and name != "all"]:
        print(f"There is no {', '.join(unknown)}.")
    if unknown or not names:
        print("bench/run NAME… or bench/run all\n")
        print("\n".join(f"  {name:<10} {what}" for name, what in NAMES.items()))
        return 2
    os.environ.update(FIXED, **NOWHERE, DJANGO_SETTINGS_MODULE="kefir.settings")
    django.setup()
    reports = []
    for name in NAMES if names == ["all"] else names:
        report = importlib.import_module(f"bench.{name}").measure()
        report.show()
        report.keep()
        reports.append(report)
    return 0 if all(report.holds for report in reports) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
