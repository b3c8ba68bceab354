"""The whole main job as the app does it, over HTTP, with web, worker and beat at work; and what their logs say."""

import json
import re
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.services import Running, running

pytestmark = pytest.mark.processes

KEEPER = "keeper.of.jars@example.com"


class App:
    """The mobile app: a base address, and a token once it has one."""

    def __init__(self, site: str) -> None:
        self.site = site
        self.tokens: dict[str, str] = {}

    def call(self, method: str, path: str, body: Any = None, *, expect: int = 200) -> Any:
        headers = {"Content-Type": "application/json"}
        if self.tokens:
            headers["Authorization"] = f"Bearer {self.tokens['accessToken']}"
        data = None if body is None else json.dumps(body).encode()
        request = Request(f"{self.site}/api/v1{path}", data, headers, method=method)
        try:
            with urlopen(request, timeout=30) as answer:
                status, content = answer.status, answer.read()
        except HTTPError as error:
            status, content = error.code, error.read()
        assert status == expect, content
        return json.loads(content) if content and not content.startswith(b"<") else content

    def mails(self) -> list[dict[str, Any]]:
        with urlopen(f"{self.site}/dev/mail.json", timeout=30) as answer:
            return [mail for mail in json.load(answer) if KEEPER in mail["to"]]


@pytest.fixture
def stack(transactional_db: None):
    with running("web", "worker", "beat") as run:
        yield run


def test_an_app_does_the_main_job_and_no_secret_reaches_a_log(stack: Running) -> None:
    app = App(stack.url)

    code = signs_in(app)
    batch = starts_a_batch(app)
    agrees_and_is_told(app, batch)
    logs_and_moves(app, batch)
    shares_it_with_whoever_scans(app, batch)
    ends_the_sign_in(app)

    lines = "\n".join(stack.output_of(name) for name in ("web", "worker", "beat"))
    assert "POST /api/v1/auth/verify 200" in lines
    for secret in (KEEPER, code, *app.tokens.values()):
        assert secret not in lines


def signs_in(app: App) -> str:
    session = app.call("POST", "/auth/login", {"email": KEEPER}, expect=202)["session"]
    code = re.findall(r"\b\d{6}\b", app.mails()[0]["text"])[0]
    body = {"email": KEEPER, "code": code, "session": session}
    tokens = app.call("POST", "/auth/verify", body)
    app.tokens = {name: tokens[name] for name in ("accessToken", "refreshToken")}
    return code


def starts_a_batch(app: App) -> str:
    started = app.call("POST", "/batches", {"temperatureC": 23, "fruits": ["Fig"]}, expect=201)
    assert started["culture"] == "water_kefir"
    assert {"taste", "ready"} <= {one["kind"] for one in started["suggestions"]}
    return started["id"]


def agrees_and_is_told(app: App, batch: str) -> None:
    suggested = app.call("GET", f"/batches/{batch}/reminders/suggestions")["suggestions"]
    wanted = [{name: one[name] for name in ("kind", "dueAt", "message")} for one in suggested]
    due = datetime.now(UTC) + timedelta(seconds=3)
    wanted.append({"dueAt": due.isoformat(), "message": "Smell it"})
    confirmed = app.call("POST", f"/batches/{batch}/reminders/confirm", {"reminders": wanted}, expect=201)
    assert len(confirmed["reminders"]) == len(wanted)

    told = [mail for mail in waited_for(app, "Smell it") if "Smell it" in mail["subject"]]
    assert len(told) == 1
    assert datetime.fromisoformat(told[0]["sentAt"]) >= due


def waited_for(app: App, words: str) -> list[dict[str, Any]]:
    deadline = time.monotonic() + 60
    while not any(words in mail["subject"] for mail in app.mails()):
        assert time.monotonic() < deadline, "no reminder came"
        time.sleep(0.2)
    # A second one would come with the next tick.
    time.sleep(6)
    return app.mails()


def logs_and_moves(app: App, batch: str) -> None:
    app.call("POST", f"/batches/{batch}/events", {"kind": "taste", "taste": "nearly"}, expect=201)
    bottled = app.call("PATCH", f"/batches/{batch}", {"stage": "bottled", "bottleKind": "pet"})
    assert (bottled["stage"], bottled["status"]) == ("bottled", "active")
    assert app.call("PATCH", f"/batches/{batch}", {"status": "in_fridge"})["status"] == "in_fridge"
    kinds = [event["kind"] for event in app.call("GET", f"/batches/{batch}/events")["results"]]
    assert kinds == ["status_change", "stage_change", "taste"]


def shares_it_with_whoever_scans(app: App, batch: str) -> None:
    stranger = App(app.site)
    stranger.call("GET", f"/public/b/{batch}", expect=404)
    app.call("PATCH", f"/batches/{batch}", {"isPublic": True, "publicNote": "Try it cold"})
    assert stranger.call("GET", f"/public/b/{batch.lower()}")["publicNote"] == "Try it cold"
    assert app.call("GET", f"/batches/{batch}/qr.svg").startswith(b"<svg")


def ends_the_sign_in(app: App) -> None:
    app.call("POST", "/auth/logout", {"refreshToken": app.tokens["refreshToken"]}, expect=204)
    app.call("GET", "/me", expect=401)
