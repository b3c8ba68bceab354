"""PostgreSQL may be away for a moment: what was done must still be noted, or it would be done again."""

import time
from collections.abc import Callable
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connection

PATIENCE_SECONDS, BREATH_SECONDS = 180, 0.25
AWAY = (OperationalError, InterfaceError)

T = TypeVar("T")


def patiently(ask: Callable[[], T]) -> T:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return ask()
        except AWAY:
            if connection.in_atomic_block or time.monotonic() > deadline:
                raise
            connection.close()
            time.sleep(BREATH_SECONDS)
