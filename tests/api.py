"""What the tests of the API share: its base, and what stands in an answer that refuses."""

from typing import Any

from django.core.cache import cache
from rest_framework.test import APIClient

from kefir.api.names import camel

BASE = "/api/v1"


def call(client: APIClient, method: str, path: str, body: Any = None, **extra: Any) -> Any:
    """One call with a JSON body. What was called before counts towards no limit."""
    cache.clear()
    return getattr(client, method)(f"{BASE}{path}", body, format="json", **extra)


def send(
    client: APIClient, method: str, path: str, raw: bytes | str, content_type: str = "application/json"
) -> Any:
    """One call with a body as it is, however odd."""
    cache.clear()
    return client.generic(method, f"{BASE}{path}", raw, content_type=content_type)


def reasons(answer: Any) -> set[tuple[str, str]]:
    """Field and code of each error."""
    assert answer["Content-Type"] == "application/problem+json", answer.content
    return {(error["field"], error["code"]) for error in answer.json().get("errors", [])}


def app_of(user: Any) -> APIClient:
    """Somebody's app."""
    client = APIClient()
    client.force_authenticate(user)
    return client


def on_the_wire(**filled: Any) -> dict[str, Any]:
    """As the API wants it: its own names, and times with their offset."""
    return {camel(name): f"{value}:00Z" if name.endswith("_at") else value for name, value in filled.items()}
