"""The processes that other tests ask for are real ones, on the test's own database and queue."""

import urllib.request

import pytest

from kefir.celery import app
from tests.services import running


@pytest.mark.django_db(transaction=True)
class TestRunning:
    def test_gives_a_worker_and_a_beat(self):
        with running("worker", "beat"):
            assert [list(answer.values()) for answer in app.control.ping(timeout=2)] == [[{"ok": "pong"}]]
        assert app.control.ping(timeout=0.5) == []

    def test_gives_a_web_that_has_its_database(self):
        with running("web") as run, urllib.request.urlopen(f"{run.url}/readyz", timeout=10) as answer:
            assert answer.status == 200
