"""Reading fifty batches and writing down an event over HTTP, against the same without a framework (`bare.py`)."""

import json
import socket
import statistics
from collections.abc import Callable, Sequence

import psutil

from bench import shelves
from bench.callers import call
from bench.results import Report, interleaved
from bench.stack import Stack, children, stack
from kefir.local.s3 import free_port

USERS = 200
ROUNDS = 8
SECONDS = 1.0
SIGN_IN = """
import json
from django.test import Client
from django.utils import timezone
from accounts import actions, tokens
from accounts.models import User
said = {}
for user in User.objects.all():
    client = Client()
    client.force_login(user)
    sign_in = actions.begin_sign_in(user=user, session_key=client.session.session_key, now=timezone.now())
    said[str(user.pk)] = tokens.pair(sign_in, now=timezone.now()).access_token
print("TOKENS" + json.dumps(said))
"""


def measure() -> Report:
    report = Report("api")
    with stack() as ours:
        with ours.connect() as connection:
            shelves.fill(connection, users=USERS)
        tokens = json.loads(ours.manage("shell", "-c", SIGN_IN).partition("TOKENS")[2])
        reading, writing = reads(tokens), writes(tokens)
        kefir = Server(ours, "web", ours.port)
        bare = Server(ours, "limit", free_port(), app="bench.bare:application")
        assert same(kefir.once(reading[0]), bare.once(reading[0])), "they do not say the same"
        assert same_event(kefir.once(writing[0]), bare.once(writing[0])), "they do not say the same"
        compare(report, "list of 50", [kefir, bare], reading, at_least=0.30)
        compare(report, "create event", [kefir, bare], writing, at_least=0.27)
        count_statements(report, ours, kefir, reading[0], writing[0])
    report.notes.append(
        f"{USERS} people with {shelves.PER_USER} jars each, 4 connections, {SECONDS:.0f} s a turn"
    )
    return report


def reads(tokens: dict[str, str]) -> list[bytes]:
    return [request("GET", "/api/v1/batches", token) for token in tokens.values()]


def writes(tokens: dict[str, str]) -> list[bytes]:
    """Everybody in turn, and each into all their open jars: a person may write twenty times a second."""
    owners = {str(shelves.user_id(number)): number for number in range(1, USERS + 1)}
    return [
        request(
            "POST",
            f"/api/v1/batches/{shelves.batch_id(owners[user], number, users=USERS)}/events",
            token,
            {"kind": "note", "description": f"It bubbles, number {number}"},
        )
        for number in range(1, shelves.PER_USER, 2)
        for user, token in tokens.items()
    ]


def request(method: str, path: str, token: str, body: object = None) -> bytes:
    raw = json.dumps(body).encode() if body else b""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", f"Authorization: Bearer {token}"]
    if raw:
        lines += ["Content-Type: application/json", f"Content-Length: {len(raw)}"]
    return "\r\n".join([*lines, "", ""]).encode() + raw


class Server:
    """One of the two, and what it costs in requests and in processor time."""

    def __init__(self, ours: Stack, name: str, port: int, app: str = "") -> None:
        self.port = port
        self.process = ours.begin("web", name, app=app, PORT=str(port))
        self.spent: list[float] = []

    def turn(self, requests: Sequence[bytes]) -> Callable[[], float]:
        return lambda: self.rate(requests)

    def rate(self, requests: Sequence[bytes]) -> float:
        before = self.processor()
        heard = call(self.port, requests, SECONDS)
        assert heard.refused == 0, f"{heard.refused} refused"
        self.spent.append(1000 * (self.processor() - before) / heard.answers)
        return heard.answers / heard.seconds

    def processor(self) -> float:
        """Of those that have ended too: a worker is replaced after so many requests."""
        times = [psutil.Process(self.process.pid).cpu_times()]
        times += [one.cpu_times() for one in children(self.process)]
        return sum(one.user + one.system for one in times) + times[0].children_user + times[0].children_system

    def once(self, request: bytes) -> dict:
        with socket.create_connection(("127.0.0.1", self.port)) as line:
            line.sendall(request.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1))
            raw = b"".join(iter(lambda: line.recv(65_536), b""))
        return json.loads(raw.partition(b"\r\n\r\n")[2])


def same(one: dict, other: dict) -> bool:
    return one["results"] == other["results"] and len(one["results"]) == shelves.PER_USER / 2


def same_event(one: dict, other: dict) -> bool:
    """But for its name and for when it was written."""
    apart = {"id", "occurredAt", "createdAt", "updatedAt"}
    return one.keys() == other.keys() and all(one[name] == other[name] for name in one.keys() - apart)


def compare(
    report: Report, what: str, servers: list[Server], requests: list[bytes], *, at_least: float
) -> None:
    kefir, bare = servers
    for server in servers:
        call(server.port, requests, 1.0)
        server.spent.clear()
    said = interleaved(report, ROUNDS, kefir=kefir.turn(requests), bare=bare.turn(requests))
    ratios = [one / other for one, other in zip(said["kefir"], said["bare"], strict=True)]
    report.add(f"{what}, of the limit", statistics.median(ratios), "", at_least=at_least, rounds=ratios)
    for name, server in (("kefir", kefir), ("bare", bare)):
        report.add(f"{what}, {name}", statistics.median(said[name]), "/s", rounds=said[name])
        report.add(f"{what}, {name}, processor", statistics.median(server.spent), "ms")


def count_statements(report: Report, ours: Stack, kefir: Server, read: bytes, write: bytes) -> None:
    """As PostgreSQL counts them: without BEGIN, COMMIT and the checks of foreign keys."""
    for what, one, most in (("list of 50", read, 2), ("create event", write, 4)):
        report.add(f"{what}, statements", statements(ours, kefir, one), "", at_most=most)


def statements(ours: Stack, kefir: Server, request: bytes) -> int:
    with ours.connect() as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        connection.execute("SELECT pg_stat_statements_reset()")
        kefir.once(request)
        (count,) = connection.execute(
            "SELECT coalesce(sum(calls), 0) FROM pg_stat_statements WHERE toplevel AND query NOT ILIKE ALL"
            " (ARRAY['begin%', 'commit%', '%pg_stat_statements%', 'set %', 'select 1', '%set_config%'])"
        ).fetchone()
    return int(count)
