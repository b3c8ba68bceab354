import pytest

from reminders import carrier
from tests.accounts.phones import make_device
from tests.factories import make_batch, make_reminder
from tests.reminders.engine import DUE, FakeChannel


@pytest.fixture
def channels(monkeypatch) -> dict[str, FakeChannel]:
    """The three channels, replaced by ones that remember and obey."""
    fakes = {name: FakeChannel() for name in ("expo", "webpush", "email")}
    monkeypatch.setattr(carrier, "channel", fakes.__getitem__)
    return fakes


@pytest.fixture
def jar(alice):
    return make_batch(owner=alice, name="Lemon jar")


@pytest.fixture
def reminder(jar):
    return make_reminder(batch=jar, due_at=DUE, message="Taste it")


@pytest.fixture
def phone(alice):
    return make_device(owner=alice)
