"""The start: what production wants, and what is said when it is missing."""

import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from kefir import environment

ROOT = Path(__file__).parent.parent.parent
PRODUCTION = {
    "SECRET_KEY": "a-key-that-is-long-enough-to-sign-all-sessions-of-a-day",
    "JWT_KEY": "another-key-that-is-long-enough-to-sign-all-the-tokens",
    "SITE_URL": "https://kefir.example",
    "DATABASE_URL": "postgresql://kefir:secret@127.0.0.1/kefir",
    "REDIS_URL": "redis://127.0.0.1/0",
    "S3_BUCKET": "kefir",
    "EMAIL_URL": "smtp://kefir:p%40ss@mail.example:587",
}


@pytest.fixture
def settings_with(monkeypatch):
    """What the settings are in an environment of just these variables."""

    def read(**variables):
        for name in os.environ:
            monkeypatch.delenv(name)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(ROOT / "kefir/settings.py"))

    yield read
    environment._complaints.clear()


def manage(*arguments, **variables):
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


class TestStart:
    def test_in_production_passes_the_deployment_check(self):
        done = manage("check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
        assert done.returncode == 0, done.stderr

    def test_stops_once_with_a_sentence_for_each_thing_that_is_missing(self):
        done = manage("check")
        assert done.returncode == 1
        told = re.findall(r"^  - (\w+) is not set\. \S.+", done.stderr, re.MULTILINE)
        assert set(told) == set(PRODUCTION)
        assert "Traceback" not in done.stderr

    @pytest.mark.parametrize("name", PRODUCTION)
    def test_stops_when_one_is_missing(self, settings_with, name):
        rest = {other: value for other, value in PRODUCTION.items() if other != name}
        with pytest.raises(SystemExit, match=f"{name} is not set"):
            settings_with(**rest)

    @pytest.mark.parametrize(
        ("wrong", "sentence"),
        [
            ({"SITE_URL": "http://kefir.example"}, "must begin with https://"),
            ({"SITE_URL": "https://kefir.example/path"}, "without a path"),
            ({"SITE_URL": "kefir.example"}, "must be like"),
            ({"JWT_KEY": PRODUCTION["SECRET_KEY"]}, "must differ"),
            ({"SECRET_KEY": "short"}, "shorter than 32"),
            ({"REGISTRATION": "anybody"}, "REGISTRATION must be one of"),
            ({"TRUSTED_PROXIES": "one"}, "whole number"),
            ({"HOOKS_ALLOW_LOCAL": "1"}, "for local mode only"),
            ({"GOOGLE_CLIENT_ID": "x"}, "GOOGLE_CLIENT_SECRET is not set"),
        ],
        ids=str,
    )
    def test_stops_when_one_makes_no_sense(self, settings_with, wrong, sentence):
        with pytest.raises(SystemExit, match=sentence):
            settings_with(**PRODUCTION | wrong)

    def test_takes_every_secret_from_a_file(self, settings_with, tmp_path):
        files = {}
        for name, value in PRODUCTION.items():
            (tmp_path / name).write_text(f"{value}\n")
            files[f"{name}_FILE"] = str(tmp_path / name)
        read = settings_with(**files)
        assert (read["SECRET_KEY"], read["SITE_URL"]) == (PRODUCTION["SECRET_KEY"], PRODUCTION["SITE_URL"])


class TestProduction:
    @pytest.fixture
    def read(self, settings_with):
        return settings_with(**PRODUCTION)

    def test_shows_no_workings(self, read):
        assert not read["DEBUG"]
        assert not read["LOCAL"]

    def test_answers_to_its_own_name_only(self, read):
        assert read["ALLOWED_HOSTS"] == ["kefir.example"]
        assert read["CSRF_TRUSTED_ORIGINS"] == ["https://kefir.example"]
        assert read["CORS_ALLOWED_ORIGINS"] == []

    def test_ties_cookies_to_its_host_and_to_https(self, read):
        for name in ("SESSION", "CSRF"):
            assert read[f"{name}_COOKIE_NAME"].startswith("__Host-")
            assert read[f"{name}_COOKIE_SECURE"]
        assert read["SECURE_HSTS_SECONDS"] >= 31_536_000
        assert read["SECURE_HSTS_INCLUDE_SUBDOMAINS"]
        assert read["SECURE_SSL_REDIRECT"]

    def test_believes_no_proxy_that_it_was_not_told_of(self, read, settings_with):
        assert read["SECURE_PROXY_SSL_HEADER"] is None
        told = settings_with(**PRODUCTION, TRUSTED_PROXIES="1")
        assert told["SECURE_PROXY_SSL_HEADER"] == ("HTTP_X_FORWARDED_PROTO", "https")

    def test_sends_real_mail(self, read):
        assert "EMAIL_BACKEND" not in read
        assert (read["EMAIL_HOST"], read["EMAIL_PORT"]) == ("mail.example", 587)
        assert (read["EMAIL_HOST_PASSWORD"], read["EMAIL_USE_TLS"]) == ("p@ss", True)

    def test_lets_no_statement_run_for_ever(self, read):
        options = read["DATABASES"]["default"]["OPTIONS"]["options"]
        assert "statement_timeout=5000" in options
        assert "lock_timeout=2000" in options
        assert "idle_in_transaction_session_timeout=" in options

    def test_waits_a_moment_for_redis_and_no_longer(self, read):
        assert read["CACHES"]["default"]["OPTIONS"]["socket_timeout"] <= 0.3
        assert read["CELERY_TASK_PUBLISH_RETRY"] is False


class TestExample:
    def test_names_every_variable_that_is_read_and_no_other(self):
        code = "".join(path.read_text() for path in (ROOT / "kefir").glob("*.py"))
        read = set(re.findall(r'env\.(?:text|secret|number|words|choice|origin)\(\s*"(\w+)"', code))
        named = dict(re.findall(r"^(\w+)=.*?(?:#(.*))?$", example(), re.MULTILINE))
        elsewhere = set(re.findall(r"\$\{(\w+):?-", (ROOT / "Procfile").read_text())) | {"CHROMIUM"}
        assert read <= set(named)
        assert set(named) <= read | elsewhere

    def test_starts_as_it_is_once_its_secrets_are_filled_in(self, settings_with):
        filled = dict(re.findall(r"^(\w+)=(.*)$", example(), re.MULTILINE))
        keys = {name: PRODUCTION[name] for name in ("SECRET_KEY", "JWT_KEY", "DATABASE_URL")}
        assert settings_with(**filled | keys)["SITE_HOST"] == "kefir.example"

    def test_says_to_a_shell_what_it_says_to_systemd(self):
        command = ["sh", "-c", "set -a; . ./.env.example; env"]
        said = subprocess.run(command, cwd=ROOT, env={}, check=True, stdout=subprocess.PIPE, text=True)
        assert set(re.findall(r"^\w+=.*$", example(), re.MULTILINE)) <= set(said.stdout.split("\n"))


def example():
    return (ROOT / ".env.example").read_text()


class TestStatementTimeout:
    @pytest.mark.django_db
    def test_is_what_the_database_was_told(self):
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            assert cursor.fetchone() == ("5s",)
            cursor.execute("SHOW lock_timeout")
            assert cursor.fetchone() == ("2s",)
