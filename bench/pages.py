"""A list of fifty, a batch's page and what a stranger sees over HTTP, against the same without a framework."""

import json
import statistics
from collections.abc import Sequence

from bench import bare_pages, shelves
from bench.api import ROUNDS, SECONDS, Server
from bench.callers import call
from bench.memory import megabytes
from bench.results import Report, interleaved
from bench.stack import children, stack
from kefir.local.s3 import free_port

USERS = 50
SIGN_IN = """
import json
from django.test import Client
from accounts.models import User
said = {}
for user in User.objects.all():
    client = Client()
    client.force_login(user)
    said[str(user.pk)] = client.session.session_key
print("SESSIONS" + json.dumps(said))
"""


def measure() -> Report:
    report = Report("pages")
    with stack() as ours:
        own = {str(shelves.user_id(n)): shelves.batch_id(n, 1, users=USERS) for n in range(1, USERS + 1)}
        with ours.connect() as connection:
            shelves.fill(connection, users=USERS)
            for batch in own.values():
                shelves.fill_page(connection, batch)
        sessions = json.loads(ours.manage("shell", "-c", SIGN_IN).partition("SESSIONS")[2])
        kefir = Server(ours, "web", ours.port)
        bare = Server(ours, "limit", free_port(), app="bench.bare_pages:application")
        bare_pages.KEY = ours.environment["JWT_KEY"].encode()
        lists = [request("/batches/", user, sessions) for user in own]
        pages = [request(f"/batches/{batch}", user, sessions) for user, batch in own.items()]
        compare(report, "list of 50", (kefir, lists), (bare, lists), at_least=0.15)
        compare(report, "batch page", (kefir, pages), (bare, pages), at_least=0.17)
        codes = [request(f"/batches/{batch}/code.svg", user, sessions) for user, batch in own.items()]
        hello = [request("/hello", user, sessions) for user in own]
        compare(report, "code as SVG", (kefir, codes), (bare, hello))
        most = max(megabytes(one.pid) for one in children(kefir.process))
    report.add("a worker of the web, proportional", most, "MB", at_most=110)
    report.notes.append(f"{USERS} people in turn, {SECONDS:.0f} s a turn; the limit shows the same lines")
    return report


def request(path: str, user: str, sessions: dict[str, str]) -> bytes:
    cookie = f"session={sessions[user]}; who={bare_pages.signed(user)}"
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\r\n".encode()


def compare(
    report: Report,
    what: str,
    kefir: tuple[Server, Sequence[bytes]],
    bare: tuple[Server, Sequence[bytes]],
    *,
    at_least: float | None = None,
) -> None:
    asked = {"kefir": kefir, "bare": bare}
    for server, requests in asked.values():
        call(server.port, requests, 1.0)
        server.spent.clear()
    said = interleaved(report, ROUNDS, kefir=kefir[0].turn(kefir[1]), bare=bare[0].turn(bare[1]))
    ratios = [one / other for one, other in zip(said["kefir"], said["bare"], strict=True)]
    report.add(f"{what}, of the limit", statistics.median(ratios), "", at_least=at_least, rounds=ratios)
    for name, (server, _) in asked.items():
        report.add(f"{what}, {name}", statistics.median(said[name]), "/s", rounds=said[name])
        report.add(f"{what}, {name}, processor", statistics.median(server.spent), "ms")
