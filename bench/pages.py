"""A list of fifty, a batch's page and what a stranger sees over HTTP, against the same without a framework."""

import html
import json
import socket
import statistics
from collections.abc import Sequence
from pathlib import Path

import psycopg

from bench import bare_pages, moulds, shelves
from bench.api import ROUNDS, SECONDS, Server
from bench.callers import call
from bench.memory import megabytes
from bench.results import Report, interleaved
from bench.stack import Stack, children, stack
from kefir.local.s3 import free_port

USERS = 50
STRANGERS = 4_000
WARM = 4.0  # so that each process has seen each person once
LIKE = 0.05  # the limit writes as much, but for words whose length differs from card to card
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
    # Strangers are told apart by what a trusted proxy says, else they would be one who asks too often.
    with stack(TRUSTED_PROXIES="1", BARE_MOULDS="") as ours:
        own = {str(shelves.user_id(n)): shelves.batch_id(n, 1, users=USERS) for n in range(1, USERS + 1)}
        with ours.connect() as connection:
            shelves.fill(connection, users=USERS)
            for batch in own.values():
                shelves.fill_page(connection, batch)
            values = values_of(connection, *next(iter(own.items())))
        sessions = json.loads(ours.manage("shell", "-c", SIGN_IN).partition("SESSIONS")[2])
        bare_pages.KEY = ours.environment["JWT_KEY"].encode()
        lists = [request("/batches/", user, sessions) for user in own]
        pages = [request(f"/batches/{batch}", user, sessions) for user, batch in own.items()]
        kefir = Server(ours, "web", ours.port)
        bare = limit(ours, kefir, lists[0], pages[0], values)
        compare(report, "list of 50", (kefir, lists), (bare, lists), at_least=0.15)
        compare(report, "batch page", (kefir, pages), (bare, pages), at_least=0.17)
        shared = [by_stranger(f"/b/{batch}", n) for n, batch in spread(own)]
        hello = [by_stranger("/healthz", n) for n, _ in spread(own)]
        compare(report, "public page", (kefir, shared), (kefir, hello), at_least=0.5, limit="hello")
        codes = [request(f"/batches/{batch}/code.svg", user, sessions) for user, batch in own.items()]
        signed_in = [request("/healthz", user, sessions) for user in own]
        compare(report, "code as SVG", (kefir, codes), (kefir, signed_in), at_least=0.5, limit="hello")
        report.add("a worker of the web, proportional", heaviest(kefir), "MB", at_most=110)
        ours.end("web")
        anew = Server(ours, "web", ours.port, app="bench.unkept:application")
        compare(report, "list drawn anew", (anew, lists), (bare, lists))
        compare(report, "batch page drawn anew", (anew, pages), (bare, pages))
    report.notes.append(
        f"{USERS} people in turn, {SECONDS:.0f} s a turn; the limit reads and writes the same"
    )
    report.notes.append("hello is /healthz of the same server, with all that stands before a page")
    return report


def values_of(connection: psycopg.Connection, user: str, batch: str) -> dict[str, dict[str, str]]:
    """What stands in one card, and in one line and one reminder of a page."""
    [card] = connection.execute(
        "SELECT b.id, b.name, r.message FROM batches_batch b JOIN reminders_reminder r ON r.batch_id = b.id"
        " WHERE b.owner_id = %s AND b.status <> 'archived'"
        " AND r.id = (SELECT id FROM reminders_reminder WHERE batch_id = b.id AND status IN ('waiting', 'sent')"
        " ORDER BY alert_at, id LIMIT 1) AND b.id <> %s ORDER BY b.id LIMIT 1",
        [user, batch],
    ).fetchall()
    [about] = connection.execute(
        "SELECT b.id, b.name, r.message, r.id::text FROM batches_batch b JOIN reminders_reminder r ON r.batch_id = b.id"
        " WHERE b.id = %s ORDER BY r.alert_at DESC LIMIT 1",
        [batch],
    ).fetchall()
    line = {"text": "Tasted it, number 10"}
    return {
        "list": dict(zip(("key", "name", "message"), card, strict=True)),
        "page": dict(zip(("key", "name", "message", "reminder"), about, strict=True)) | line,
    }


def limit(
    ours: Stack, kefir: Server, of_list: bytes, of_page: bytes, values: dict[str, dict[str, str]]
) -> Server:
    """The one-file server, which writes what Kefir wrote."""
    mine = {"list": answer(kefir, of_list), "page": answer(kefir, of_page)}
    cut = {
        "list": moulds.of_list(mine["list"], **values["list"]),
        "page": moulds.of_page(mine["page"], **values["page"]),
    }
    file = Path(ours.folder.path) / "moulds.json"
    file.write_text(json.dumps(cut), encoding="utf-8")
    ours.environment["BARE_MOULDS"] = str(file)
    bare = Server(ours, "limit", free_port(), app="bench.bare_pages:application")
    for name, asked in (("list", of_list), ("page", of_page)):
        said = answer(bare, asked)
        assert abs(len(said) / len(mine[name]) - 1) < LIKE, (name, len(said), len(mine[name]))
        assert html.escape(values[name]["name"]) in said
    return bare


def answer(server: Server, asked: bytes) -> str:
    with socket.create_connection(("127.0.0.1", server.port)) as line:
        line.sendall(asked.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1))
        raw = b"".join(iter(lambda: line.recv(65_536), b""))
    head, _, body = raw.partition(b"\r\n\r\n")
    assert b" 200 " in head[:15], head
    return body.decode()


def request(path: str, user: str, sessions: dict[str, str]) -> bytes:
    cookie = f"session={sessions[user]}; who={bare_pages.signed(user)}"
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\r\n".encode()


def by_stranger(path: str, number: int) -> bytes:
    address = f"10.1.{number // 250}.{number % 250 + 1}"
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: {address}\r\n\r\n".encode()


def spread(own: dict[str, str]) -> list[tuple[int, str]]:
    batches = list(own.values())
    return [(n, batches[n % len(batches)]) for n in range(STRANGERS)]


def heaviest(server: Server) -> float:
    return max(megabytes(one.pid) for one in children(server.process))


def compare(
    report: Report,
    what: str,
    kefir: tuple[Server, Sequence[bytes]],
    bare: tuple[Server, Sequence[bytes]],
    *,
    at_least: float | None = None,
    limit: str = "the limit",
) -> None:
    """Both in turns; processor time is that of the web server, which others disturb less."""
    said, spent = turns(report, kefir, bare)
    ratios = [one / other for one, other in zip(said["kefir"], said["bare"], strict=True)]
    report.add(f"{what}, of {limit}", statistics.median(ratios), "", at_least=at_least, rounds=ratios)
    for name, called in (("kefir", "kefir"), ("bare", limit)):
        report.add(f"{what}, {called}", statistics.median(said[name]), "/s", rounds=said[name])
        report.add(f"{what}, {called}, processor", statistics.median(spent[name]), "ms")


def turns(
    report: Report, kefir: tuple[Server, Sequence[bytes]], bare: tuple[Server, Sequence[bytes]]
) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    spent: dict[str, list[float]] = {"kefir": [], "bare": []}

    def turn(name: str, server: Server, requests: Sequence[bytes]) -> float:
        rate = server.rate(requests)
        spent[name].append(server.spent[-1])
        return rate

    for server, requests in (kefir, bare):
        call(server.port, requests, WARM)
    said = interleaved(report, ROUNDS, kefir=lambda: turn("kefir", *kefir), bare=lambda: turn("bare", *bare))
    return said, spent
