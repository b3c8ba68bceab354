from datetime import timedelta

import pytest
import time_machine

from tests.factories import NOON, make_batch

HOUR = timedelta(hours=1)


@pytest.fixture
def noon():
    """It is an hour after noon, when the batches were started."""
    with time_machine.travel(NOON + HOUR, tick=False):
        yield


@pytest.fixture
def jar(alice):
    return make_batch(owner=alice, name="Kitchen jar", temperature_c=22)
