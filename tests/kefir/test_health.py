from datetime import timedelta

import pytest
from django.db import OperationalError
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from kefir import views
from reminders import queue
from reminders.models import Heartbeat


def failing(error):
    def call(*args, **kwargs):
        raise error

    return call


class TestHealthz:
    def test_needs_nothing_but_this_process(self, client, settings):
        settings.INSTANCE = "this-one"
        answer = client.get("/healthz")
        assert (answer.status_code, answer.content) == (200, b"ok")
        assert answer["X-Kefir-Instance"] == "this-one"


@pytest.mark.django_db
class TestReadyz:
    @pytest.fixture(autouse=True)
    def _tick(self):
        assert queue.beat(rest=timedelta())

    def test_is_ready_when_all_it_needs_is_there(self, client):
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()) == (200, {"failed": []})

    def test_is_not_without_the_database(self, client, monkeypatch):
        monkeypatch.setattr(views, "MigrationExecutor", failing(OperationalError("password of kefir")))
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()) == (503, {"failed": ["database"]})

    def test_is_not_before_every_migration_has_run(self, client, monkeypatch):
        monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda *_: ["one to go"])
        assert client.get("/readyz").json() == {"failed": ["database"]}

    def test_is_not_while_nobody_looks_what_is_due(self, client):
        Heartbeat.objects.update(beat_at=timezone.now() - timedelta(minutes=2))
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()) == (503, {"failed": ["tick"]})

    def test_is_not_without_redis(self, client, monkeypatch):
        monkeypatch.setattr(views.cache, "set", failing(ConnectionError("redis://secret@host")))
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()) == (503, {"failed": ["redis"]})
