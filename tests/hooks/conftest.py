import pytest

from hooks import actions
from hooks.models import Endpoint
from tests.factories import NOON
from tests.hooks.sink import URL, Sink


@pytest.fixture
def sink(tmp_path, monkeypatch):
    """Somebody's endpoint, at URL."""
    there = Sink(tmp_path)
    there.stand_in(monkeypatch)
    with there.server:
        yield there


@pytest.fixture
def endpoint(alice) -> Endpoint:
    """Alice's, told of everything."""
    return actions.add(user=alice, url=URL, now=NOON)
