import logging

import pytest

from tests.accounts.people import another, app_of, ask, last_code, post, sign_in_app, sign_in_page, verify

pytestmark = pytest.mark.django_db


def test_no_address_code_or_token_reaches_the_log(client, caplog):
    caplog.set_level(logging.DEBUG)
    session = ask("canary@example.com")
    code = last_code()
    verify(session, another(code), "canary@example.com")
    verify(session, code, "canary@example.com")
    tokens = sign_in_app("canary@example.com")
    fresh = post("/auth/refresh", {"refreshToken": tokens["refreshToken"]}).json()
    post("/auth/refresh", {"refreshToken": fresh["refreshToken"]})
    post("/auth/refresh", {"refreshToken": tokens["refreshToken"]})
    sign_in_page(client, "canary@example.com", next="/settings/")
    app_of(sign_in_app("canary2@example.com")).delete("/api/v1/me")
    ours = [record for record in caplog.records if not record.name.startswith(("django.db", "celery"))]
    logged = "\n".join(f"{record.getMessage()} {getattr(record, 'user', '')}" for record in ours)
    assert "Signed in" in logged
    assert "came back" in logged
    secrets = [session, code, tokens["refreshToken"], fresh["refreshToken"], fresh["accessToken"], "canary"]
    assert not [secret for secret in secrets if secret in logged]


def test_no_line_break_of_a_stranger_begins_a_line(client, caplog):
    caplog.set_level(logging.DEBUG)
    sign_in_app("a@example.com", HTTP_USER_AGENT='x\n{"level": "CRITICAL"}')
    assert "CRITICAL" not in caplog.text
