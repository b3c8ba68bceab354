import pytest

from reminders import carrier
from tests.reminders.engine import FakeChannel


@pytest.fixture
def channels(monkeypatch) -> dict[str, FakeChannel]:
    """The three channels, replaced by ones that remember and obey."""
    fakes = {name: FakeChannel() for name in ("expo", "webpush", "email")}
    monkeypatch.setattr(carrier, "channel", fakes.__getitem__)
    return fakes
