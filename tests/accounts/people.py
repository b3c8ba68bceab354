"""What people and apps do to sign in, as plain functions."""

import re
from typing import Any

from django.core import mail
from django.test import Client
from rest_framework.test import APIClient

API = "/api/v1"


def post(path: str, body: dict[str, Any], **extra: Any) -> Any:
    return APIClient().post(f"{API}{path}", body, format="json", **extra)


def ask(email: str = "alice@example.com", **extra: Any) -> str:
    """The session that the app gets for this address; the code is in the last mail."""
    answer = post("/auth/login", {"email": email}, **extra)
    assert answer.status_code == 202, answer.content
    return answer.json()["session"]


def last_code() -> str:
    [code] = re.findall(r"^    (\d{6})$", mail.outbox[-1].body, re.MULTILINE)
    return code


def another(code: str) -> str:
    """A wrong one."""
    return f"{(int(code) + 1) % 1_000_000:06}"


def verify(session: str, code: str, email: str = "alice@example.com", **extra: Any) -> Any:
    return post("/auth/verify", {"email": email, "code": code, "session": session}, **extra)


def sign_in_app(email: str = "alice@example.com", **extra: Any) -> dict[str, Any]:
    """The app's tokens."""
    session = ask(email)
    answer = verify(session, last_code(), email, **extra)
    assert answer.status_code == 200, answer.content
    return answer.json()


def app_of(tokens: dict[str, Any]) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens['accessToken']}")
    return client


def sign_in_page(client: Client, email: str = "alice@example.com", **typed: Any) -> Any:
    """The answer to the right code, typed on the page."""
    client.post("/accounts/login/", {"email": email, **typed})
    return client.post("/accounts/login/code/", {"code": last_code()})


def is_signed_in(client: Client) -> bool:
    return client.get("/settings/").status_code == 200
