"""How Kefir logs: one JSON object a line (plain lines in local mode), with the request's id and no addresses.

A record may bring many `lines`, of keys and fixed words only: a hundred deliveries are noted in one go.
"""

import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from pythonjsonlogger.json import JsonFormatter

request_id: ContextVar[str] = ContextVar("request_id", default="")
job: ContextVar[int | None] = ContextVar("job", default=None)


@contextmanager
def under(name: str) -> Iterator[None]:
    """Each line of the log bears this name meanwhile."""
    token = request_id.set(name)
    try:
        yield
    finally:
        request_id.reset(token)


@contextmanager
def at_job(number: int) -> Iterator[None]:
    """Each line says meanwhile which job it is about."""
    token = job.set(number)
    try:
        yield
    finally:
        job.reset(token)


# A driver's or a library's message may quote what somebody typed; addresses and tokens stay out all the same.
# Each with what no such secret is without, for most lines hold none.
_SECRETS = [
    ("@", re.compile(r"[^\s\"'<>(),;:=]+@[^\s\"'<>(),;:]+"), "[address]"),
    ("eyJ", re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+"), "[token]"),
    ("kefir_", re.compile(r"kefir_[a-z]+_[\w-]{20,}"), "[token]"),
]


def without_secrets(line: str) -> str:
    for sign, pattern, name in _SECRETS:
        if sign in line:
            line = pattern.sub(name, line)
    return line


class RequestContext(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        if number := job.get():
            record.job = number
        return True


class RouteForPath(logging.Filter):
    """Django names the path of a request that failed; a path may hold a secret, its route does not."""

    def filter(self, record: logging.LogRecord) -> bool:
        match = getattr(getattr(record, "request", None), "resolver_match", None)
        record.msg, record.args = "Failed: /%s", (match.route if match else "?",)
        return True


class JSONFormatter(JsonFormatter):
    def __init__(self) -> None:
        super().__init__(
            "{levelname}{name}{message}{request_id}",
            style="{",
            timestamp="at",
            rename_fields={"levelname": "level", "name": "logger", "request_id": "requestId"},
        )

    def format(self, record: logging.LogRecord) -> str:
        lines = record.__dict__.pop("lines", None)
        one = without_secrets(super().format(record))
        return one if lines is None else "\n".join(_with_message(one, record, line) for line in lines)


def _with_message(json_line: str, record: logging.LogRecord, message: str) -> str:
    return json_line.replace(json.dumps(record.getMessage()), json.dumps(message), 1)


class LineFormatter(logging.Formatter):
    def __init__(self) -> None:
        super().__init__("{levelname:<7} {name}: {message}", style="{")

    def format(self, record: logging.LogRecord) -> str:
        if lines := getattr(record, "lines", None):
            return "\n".join(f"{record.levelname:<7} {record.name}: {line}" for line in lines)
        # A line break in what somebody sent must not begin a line of its own.
        record.msg, record.args = str(record.getMessage()).replace("\n", "\\n").replace("\r", "\\r"), None
        return without_secrets(super().format(record))


def ask_for_nothing_unsaid() -> None:
    """No line names a thread or a place in the code; to find these out takes nearly half as long as to write it.

    As “Optimization” in Python's documentation of logging has it. The process stays, for gunicorn's lines name it.
    """
    logging._srcfile = None
    logging.logThreads = False


def configuration(*, plain: bool, level: str) -> dict[str, Any]:
    """Of all processes: to standard output, where whoever runs them reads it."""
    ask_for_nothing_unsaid()
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {
            "request": {"()": "kefir.logs.RequestContext"},
            "route": {"()": "kefir.logs.RouteForPath"},
        },
        "formatters": {
            "json": {"()": "kefir.logs.JSONFormatter"},
            "lines": {"()": "kefir.logs.LineFormatter"},
        },
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "filters": ["request"],
                "formatter": "lines" if plain else "json",
            }
        },
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            # One line a request is ours (kefir.requests); of these only failures are kept, with their traceback.
            "django.request": {"level": "ERROR", "filters": ["route"]},
            "django.security": {"level": "CRITICAL"},
            "django.server": {"level": "WARNING"},
            "celery.app.trace": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.beat": {"level": "WARNING"},
            "celery.apps.worker": {"level": "WARNING"},
        },
    }
