"""The processes that other tests ask for are real ones, on the test's own database and queue."""

import json
import time
import urllib.error
import urllib.request
from contextlib import suppress

import pytest

from kefir.celery import app
from tests.services import running


@pytest.mark.django_db(transaction=True)
class TestRunning:
    def test_gives_a_worker_and_a_beat(self):
        with running("worker", "beat"):
            assert [list(answer.values()) for answer in app.control.ping(timeout=2)] == [[{"ok": "pong"}]]
        assert app.control.ping(timeout=0.5) == []

    def test_gives_workers_for_jobs_that_have_a_name_of_their_own(self):
        with running("worker", "jobs"):
            answers = [name.split("@")[0] for answer in app.control.ping(timeout=2) for name in answer]

        assert sorted(answers) == ["celery", "jobs"]

    def test_gives_a_web_that_has_its_database(self):
        with running("web") as run, pytest.raises(urllib.error.HTTPError) as answer:
            urllib.request.urlopen(f"{run.url}/readyz", timeout=10)

        assert json.load(answer.value) == {"failed": ["tick"]}

    def test_together_are_ready(self):
        with running("web", "worker", "jobs", "beat") as run:
            wait_until_ready(f"{run.url}/readyz", seconds=20)


def wait_until_ready(url: str, *, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with suppress(urllib.error.HTTPError), urllib.request.urlopen(url, timeout=10) as answer:
            assert answer.status == 200
            return
        time.sleep(0.1)
    pytest.fail(f"not ready after {seconds} s")
