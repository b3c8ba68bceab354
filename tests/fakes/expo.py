"""Expo's push service. https://docs.expo.dev/push-notifications/sending-notifications/

python -m tests.fakes.expo PORTFILE LOG [MODE]
"""

import gzip
import itertools
import json
import sys
import threading
from pathlib import Path
from typing import Any, Self

from tests.fakes import Arrived
from tests.fakes.http import CUT, HANG, Reply, Request, Server

FIELDS = {
    "to", "data", "title", "body", "ttl", "expiration", "priority", "subtitle", "sound", "badge", "channelId",
    "categoryId", "mutableContent", "interruptionLevel",
}  # fmt: skip
MOST_BYTES = 4096
JSON = {"Content-Type": "application/json; charset=utf-8"}


class Expo:
    """Answers as `mode` says: ok, 500, 429, 504 (accepted all the same), hang, cut, lost (accepted, then cut),
    short, html, odd, or one after another as in `modes`.

    `tells` is what a token's ticket says instead of ok, `receipts` what a ticket's receipt says, `refuses` the
    tokens for which the whole request is refused, `projects` whose a token is when it is not ours.
    """

    def __init__(self, *, log: Path | None = None, access_token: str = "") -> None:
        self.mode, self.modes = "ok", list[str]()
        self.access_token, self.wants_gzip = access_token, True
        self.tells: dict[str, str] = {}
        self.refuses: set[str] = set()
        self.projects: dict[str, str] = {}
        self.receipts: dict[str, dict[str, Any]] = {}
        self.arrived, self.requests = Arrived(log), list[Request]()
        self.asked: list[list[str]] = []
        self.numbers = itertools.count(1)
        self.server = Server(self.answer)

    def __enter__(self) -> Self:
        self.server.__enter__()
        self.url = f"http://127.0.0.1:{self.server.port}"
        return self

    def __exit__(self, *error: object) -> None:
        self.server.__exit__(*error)
        self.arrived.close()

    @property
    def messages(self) -> list[dict[str, Any]]:
        return self.arrived.things

    def answer(self, request: Request) -> Any:
        self.requests.append(request)
        mode = self.modes.pop(0) if self.modes else self.mode
        match mode:
            case "hang":
                return HANG
            case "cut":
                return CUT
            case "500" | "502" | "503":
                return Reply(int(mode), b"<h1>Sorry</h1>", {"Content-Type": "text/html"})
            case "429":
                return problem(429, "TOO_MANY_REQUESTS", headers={"Retry-After": "7"})
            case "html":
                return Reply(200, b"<h1>Sign in to this network</h1>", {"Content-Type": "text/html"})
        return self.refusal(request) or self.taken(request, mode)

    def refusal(self, request: Request) -> Reply | None:
        if request.headers.get("Content-Type") != "application/json":
            return problem(400, "VALIDATION_ERROR")
        if self.wants_gzip and request.headers.get("Content-Encoding") != "gzip":
            return problem(400, "VALIDATION_ERROR")
        if self.access_token and request.headers.get("Authorization") != f"Bearer {self.access_token}":
            return problem(401, "UNAUTHORIZED")
        return None

    def taken(self, request: Request, mode: str) -> Any:
        said = json.loads(gzip.decompress(request.body))
        if request.path == "/--/api/v2/push/getReceipts":
            return self.receipts_of(said["ids"])
        assert request.path == "/--/api/v2/push/send"
        if wrong := self.wrong_with(said):
            return wrong
        tickets = [self.ticket(message) for message in said]
        match mode:
            case "504":
                return Reply(504, b"<h1>Gateway Time-out</h1>", {"Content-Type": "text/html"})
            case "lost":
                return CUT
            case "short":
                tickets = tickets[:-1]
            case "odd":
                tickets[0] = "ok"
        return Reply(200, json.dumps({"data": tickets}).encode(), JSON)

    def wrong_with(self, messages: list[dict[str, Any]]) -> Reply | None:
        if len(messages) > 100:
            return problem(400, "PUSH_TOO_MANY_NOTIFICATIONS")
        projects: dict[str, list[str]] = {}
        for message in messages:
            projects.setdefault(self.projects.get(message["to"], "@kefir/kefir"), []).append(message["to"])
            if message.keys() - FIELDS or message["to"] in self.refuses:
                return problem(400, "VALIDATION_ERROR")
        if len(projects) > 1:
            return problem(400, "PUSH_TOO_MANY_EXPERIENCE_IDS", details=projects)
        return None

    def ticket(self, message: dict[str, Any]) -> Any:
        error = self.tells.get(message["to"])
        if len(json.dumps(message, ensure_ascii=False).encode()) > MOST_BYTES:
            error = "MessageTooBig"
        if error:
            return {"status": "error", "message": f'"{message["to"]}" …', "details": {"error": error}}
        data = message["data"]
        self.arrived.add(message, f"{data['reminderId']} {data['round']}")
        return {"status": "ok", "id": f"ticket-{next(self.numbers)}"}

    def receipts_of(self, ids: list[str]) -> Reply:
        self.asked.append(ids)
        if len(ids) > 1000:
            return problem(400, "PUSH_TOO_MANY_RECEIPTS")
        known = {one: self.receipts[one] for one in ids if one in self.receipts}
        return Reply(200, json.dumps({"data": known}).encode(), JSON)


def problem(status: int, code: str, *, details: Any = None, headers: dict[str, str] | None = None) -> Reply:
    error = {"code": code, "message": "…", **({"details": details} if details else {})}
    return Reply(status, json.dumps({"errors": [error]}).encode(), JSON | (headers or {}))


if __name__ == "__main__":
    portfile, log, *mode = sys.argv[1:]
    with Expo(log=Path(log)) as expo:
        expo.mode = mode[0] if mode else "ok"
        Path(portfile).write_text(str(expo.server.port))
        threading.Event().wait()
