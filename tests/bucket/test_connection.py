"""Whose the connection is: by keys of our own, or by the machine's role."""

import multiprocessing
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from botocore.credentials import RefreshableCredentials

from kefir import bucket
from kefir.bucket import connection

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def without_keys(settings, monkeypatch, tmp_path):
    settings.S3_ACCESS_KEY_ID = settings.S3_SECRET_ACCESS_KEY = ""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    connection._session.cache_clear()
    connection.forget()
    yield
    connection._session.cache_clear()
    connection.forget()


def signed():
    address = bucket.presign_get("a", content_type="image/png", seconds=60)
    return {name: value for name, [value] in parse_qs(urlsplit(address).query).items()}


@pytest.mark.usefixtures("without_keys")
class TestRole:
    def test_brings_its_token_along(self, monkeypatch):
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "ASIAROLE")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        monkeypatch.setenv("AWS_SESSION_TOKEN", "to/ken+==")
        assert signed()["X-Amz-Security-Token"] == "to/ken+=="
        assert signed()["X-Amz-Credential"].startswith("ASIAROLE/")

    def test_is_asked_for_again_when_there_was_none(self, monkeypatch):
        for ask in (signed, lambda: bucket.head("a")):
            with pytest.raises(bucket.BucketFailed, match="S3_ACCESS_KEY_ID"):
                ask()
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "ASIALATE")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        assert signed()["X-Amz-Credential"].startswith("ASIALATE/")
        assert connection.client()

    def test_is_renewed_before_it_runs_out(self, monkeypatch):
        given = iter(["second", "third"])
        metadata = lasting("first", NOON + timedelta(hours=1))
        role = RefreshableCredentials.create_from_metadata(
            metadata, lambda: lasting(next(given), NOON + timedelta(hours=2)), "a test"
        )
        monkeypatch.setattr(connection, "_role", lambda: role)
        tokens = []
        for minutes in (0, 40, 50):
            with time_machine.travel(NOON + timedelta(minutes=minutes), tick=False):
                tokens.append(signed()["X-Amz-Security-Token"])
        assert tokens == ["first", "first", "second"]


def lasting(token, until):
    return {
        "access_key": "ASIAROLE",
        "secret_key": "secret",
        "token": token,
        "expiry_time": until.isoformat(),
    }


class TestClient:
    def test_is_one(self):
        assert connection.client() is connection.client()

    def test_of_a_child_is_its_own(self):
        ours = connection.client()
        context = multiprocessing.get_context("fork")
        theirs, said = context.Pipe(duplex=False)
        child = context.Process(target=lambda: said.send(connection.client() is ours))
        child.start()
        child.join(30)
        assert theirs.recv() is False

    def test_is_not_loaded_to_sign(self):
        script = (
            "import sys, django; django.setup(); from kefir import bucket;"
            "bucket.presign_get('a', content_type='image/png', seconds=60);"
            "sys.exit('boto3' in sys.modules)"
        )
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "kefir.settings"}
        assert subprocess.run([sys.executable, "-c", script], env=environment, check=False).returncode == 0
