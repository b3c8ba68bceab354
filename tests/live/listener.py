"""A page that listens, without the page: what the live process says, as it says it."""

import http.client
import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.conf import settings
from django.test import Client

from accounts.models import User


class Event(NamedTuple):
    name: str
    id: str
    data: Any


@dataclass
class Listener:
    answer: http.client.HTTPResponse

    def hears(self) -> Event | None:
        """The next event; None when the stream is over."""
        said: dict[str, str] = {}
        for line in self.answer:
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if not name:
                return Event(said["event"], said.get("id", ""), json.loads(said["data"]))
            said[name] = value
        return None

    def hears_of(self) -> set[tuple[str, str]]:
        """What changed, by the next event that says so."""
        while event := self.hears():
            if event.name == "changed":
                return {(change["kind"], change["batch"]) for change in event.data["changes"]}
        raise AssertionError("the stream is over")


def cookie_of(person: User) -> str:
    client = Client()
    client.force_login(person)
    return f"{settings.SESSION_COOKIE_NAME}={client.session.session_key}"


class Answer(NamedTuple):
    status: int
    headers: Any
    text: str


@contextmanager
def asked(port: int, path: str, method: str, headers: dict[str, str]) -> Iterator[http.client.HTTPResponse]:
    connection = http.client.HTTPConnection("localhost", port, timeout=30)
    with closing(connection):
        connection.request(
            method, path, headers={name.replace("_", "-"): text for name, text in headers.items()}
        )
        with connection.getresponse() as answer:
            yield answer


def ask(port: int, path: str = "/live/", *, method: str = "GET", **headers: str) -> Answer:
    """A question that is answered at once."""
    with asked(port, path, method, headers) as answer:
        return Answer(answer.status, answer.headers, answer.read().decode())


@contextmanager
def listening(port: int, cookie: str, *, since: str = "", **headers: str) -> Iterator[Listener]:
    path = f"/live/?{urlencode({'since': since})}"
    with asked(port, path, "GET", {"Cookie": cookie, **headers}) as answer:
        assert answer.status == 200, answer.read()
        listener = Listener(answer)
        assert listener.hears() == Event("hello", "", {})
        yield listener
