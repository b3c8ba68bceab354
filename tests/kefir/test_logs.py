import json
import logging
import os

import pytest
from celery.app.defaults import DEFAULT_PROCESS_LOG_FMT, DEFAULT_TASK_LOG_FMT
from gunicorn.glogging import Logger

from accounts.secrets import new_secret
from kefir import logs

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"


def record(message, *args, level=logging.INFO, **extra):
    made = logging.makeLogRecord(
        {"name": "kefir.test", "levelno": level, "levelname": logging.getLevelName(level), "msg": message}
    )
    made.args = args
    made.__dict__.update(extra)
    logs.RequestContext().filter(made)
    return made


class TestSecrets:
    @pytest.mark.parametrize(
        ("line", "kept"),
        [
            ("to alice@example.com.", "to [address]"),
            (
                'Key (email)=(alice@example.com) exists, "b@c.de"',
                'Key (email)=([address]) exists, "[address]"',
            ),
            (f"Bearer {TOKEN} is over", "Bearer [token] is over"),
            (f"Bearer {new_secret('kefir_pat_')} is over", "Bearer [token] is over"),
            (f"/api/v1/ingest/{new_secret('kefir_sensor_')}?a=b", "/api/v1/ingest/[token]?a=b"),
            ("3 jars @ 22 °C", "3 jars @ 22 °C"),
        ],
    )
    def test_stay_out(self, line, kept):
        assert logs.without_secrets(line) == kept

    @pytest.mark.parametrize("formatter", [logs.JSONFormatter(), logs.LineFormatter()])
    def test_stay_out_of_a_traceback_too(self, formatter):
        try:
            raise ValueError(f"alice@example.com and {TOKEN}")
        except ValueError as error:
            line = formatter.format(record("Failed", exc_info=(type(error), error, error.__traceback__)))
        assert "Traceback" in line
        assert "alice" not in line
        assert TOKEN not in line


class TestJSON:
    def test_is_one_object_a_line_with_the_requests_id(self):
        token = logs.request_id.set("abc-12345")
        line = logs.JSONFormatter().format(record("One\nor %s", "two", status=200))
        logs.request_id.reset(token)
        assert "\n" not in line
        said = json.loads(line)
        assert (said["level"], said["logger"], said["message"]) == ("INFO", "kefir.test", "One\nor two")
        assert (said["requestId"], said["status"]) == ("abc-12345", 200)
        assert said["at"].startswith("20")

    def test_lets_nobody_add_a_member(self):
        line = logs.JSONFormatter().format(record('x", "level": "CRITICAL'))
        assert json.loads(line)["level"] == "INFO"


class TestLines:
    def test_lets_nobody_begin_a_line(self):
        line = logs.LineFormatter().format(record("a%s", "\r\nINFO kefir: b"))
        assert line == "INFO    kefir.test: a\\r\\nINFO kefir: b"


class TestLinesOfOthers:
    @pytest.mark.parametrize("form", [Logger.error_fmt, DEFAULT_PROCESS_LOG_FMT, DEFAULT_TASK_LOG_FMT])
    def test_find_all_that_they_name(self, form):
        made = logging.getLogger("of.others").makeRecord("of.others", logging.INFO, "", 0, "Up", (), None)
        made.task_id = made.task_name = "x"
        said = logging.Formatter(form).format(made)
        assert "Up" in said
        assert "None" not in said

    def test_name_their_process(self):
        made = logging.getLogger("of.others").makeRecord("of.others", logging.INFO, "", 0, "Up", (), None)
        assert f"[{os.getpid()}]" in logging.Formatter(Logger.error_fmt).format(made)
