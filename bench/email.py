"""2 000 due mails through the engine, against a plain loop over one reused SMTP connection."""

import smtplib
import statistics
import time
from email.message import EmailMessage

import psycopg

from bench import work
from bench.results import Report, interleaved
from bench.sinks import Sink, sink
from bench.stack import Stack, stack

COUNT = 2_000
ROUNDS = 3
GOAL = 0.8
PRODUCTION = {"KEFIR_LOCAL": "", "SITE_URL": "https://kefir.example", "LOG_LEVEL": "INFO"}


def measure() -> Report:
    report = Report("email")
    with (
        stack(**PRODUCTION, EMAIL_URL="smtp://127.0.0.1?tls=no") as ours,
        sink("mail", ours.folder.path / "mail.log") as mail,
    ):
        ours.environment["EMAIL_URL"] = f"smtp://127.0.0.1:{mail.port}?tls=no"
        ours.begin("worker")
        with ours.connect() as connection:
            deliver(ours, connection, mail, 200)
            said = interleaved(
                report,
                ROUNDS,
                limit=lambda: COUNT / plain_loop(mail),
                ours=lambda: COUNT / deliver(ours, connection, mail, COUNT),
            )
    limits, measured = said["limit"], said["ours"]
    ratios = [one / other for one, other in zip(measured, limits, strict=True)]
    report.add("plain loop, one SMTP connection", statistics.median(limits), "/s", rounds=limits)
    report.add("claim, write, send, mark: 2 children", statistics.median(measured), "/s", rounds=measured)
    report.add("ours to the plain loop", statistics.median(ratios), at_least=GOAL, rounds=ratios)
    return report


def deliver(ours: Stack, connection: psycopg.Connection, mail: Sink, count: int) -> float:
    work.fill(connection, count, device="")
    return work.seconds_to_deliver(ours, connection, mail, count)


def plain_loop(mail: Sink) -> float:
    began = time.monotonic()
    with smtplib.SMTP("127.0.0.1", mail.port) as server:
        for number in range(COUNT):
            server.send_message(message(number))
    return time.monotonic() - began


def message(number: int) -> EmailMessage:
    """Text and HTML, about as long as ours."""
    one = EmailMessage()
    one["From"], one["To"] = "kefir@example.org", f"keeper{number}@example.com"
    one["Subject"] = f"Jar {number}: taste it"
    one["Message-ID"] = f"<plain-{number}@example.org>"
    one.set_content("Taste it: sweet still, or sour already?\n" * 12)
    one.add_alternative("<p>Taste it: sweet still, or sour already?</p>\n" * 30, subtype="html")
    return one
