import pytest

from accounts import flows


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers take their even time only where that is the test."""
    monkeypatch.setattr(flows, "EVEN_SECONDS", 0)
