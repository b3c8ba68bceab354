"""The door of the live process, in ASGI: /live/ streams that something changed. Django's pages are not here."""

import asyncio
import hmac
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

from django.conf import settings
from django.http.cookie import parse_cookie
from django.http.request import split_domain_port, validate_host

from live.addresses import is_our_page, moment
from live.changes import told
from live.database import Database, DatabaseIsAway
from live.figures import Figures
from live.streams import Stream, Streams, TooMany
from live.visitors import Visitor, visitor_of
from live.watch import Watch

logger = logging.getLogger("kefir.live")

Scope = Mapping[str, Any]
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

# A proxy takes a silent connection for a dead one, and a page that hears nothing asks by itself.
STILL_EVERY = 15.0
# Whoever reads nothing for so long is gone.
READS_WITHIN = 20.0
COME_BACK_AFTER = b"30"
# nginx would gather it, caches would keep it.
STREAMED = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store, no-transform"),
    (b"x-accel-buffering", b"no"),
]


class Refused(Exception):
    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class Live:
    def __init__(self) -> None:
        self.database, self.figures = Database(), Figures()
        self.streams = Streams(settings.LIVE_STREAMS)
        self.watch = Watch(self.database, self.streams, self.figures)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.live(receive, send)
        elif scope["type"] == "http":
            await self.answer(Request(scope), receive, send)

    async def live(self, receive: Receive, send: Send) -> None:
        """From the process's start to its end."""
        await receive()
        watching = asyncio.create_task(self.watch.run())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        watching.cancel()
        await asyncio.wait([watching])
        await self.database.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def answer(self, request: "Request", receive: Receive, send: Send) -> None:
        try:
            match request.path:
                case "/live/":
                    await self.stream(request, receive, send)
                case "/healthz":
                    await say(
                        send, 200 if self.figures.is_well else 503, "ok" if self.figures.is_well else "stuck"
                    )
                case "/metrics" if request.may_see_figures:
                    await say(send, 200, self.figures.text(self.streams.count))
                case _:
                    raise Refused(404, "Only /live/ is here.")
        except Refused as refusal:
            await say(send, refusal.status, str(refusal), headers=request.crossing)

    async def stream(self, request: "Request", receive: Receive, send: Send) -> None:
        visitor, since = await self.who(request), request.since
        try:
            with self.streams.opened(visitor, since) as stream:
                self.figures.opened += 1
                await self.tell_until_over(stream, request, receive, send)
        except TooMany:
            self.figures.refused += 1
            raise Refused(503, "Too many pages listen just now.") from None

    async def who(self, request: "Request") -> Visitor:
        request.refuse_odd()
        try:
            visitor = await visitor_of(request.session_key, self.database)
        except DatabaseIsAway:
            raise Refused(503, "The database is away.") from None
        if visitor is None:
            raise Refused(401, "Sign in first.")
        return visitor

    async def tell_until_over(self, stream: Stream, request: "Request", receive: Receive, send: Send) -> None:
        headers = [*STREAMED, *request.crossing]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        leaving = asyncio.create_task(end_with_visit(stream, receive))
        try:
            await speak(send, "hello", {})
            while not stream.is_over:
                await self.tell(stream, send)
            await speak(send, "over", {})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        except TimeoutError:
            logger.info("A page reads nothing; its stream is closed.")
        finally:
            leaving.cancel()

    async def tell(self, stream: Stream, send: Send) -> None:
        try:
            await asyncio.wait_for(stream.stirred.wait(), STILL_EVERY)
        except TimeoutError:
            await speak(send, "still", told([], stream.since))
            return
        if names := stream.take():
            self.figures.told += 1
            await speak(send, "changed", told(names, stream.since))


class Request:
    def __init__(self, scope: Scope) -> None:
        self.method, self.path = scope["method"], scope["path"]
        self.query = parse_qs(scope["query_string"].decode("latin-1"))
        self.headers: dict[str, str] = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }

    def header(self, name: str) -> str:
        return self.headers.get(name, "")

    @property
    def session_key(self) -> str:
        cookies: dict[str, str] = parse_cookie(self.header("cookie"))
        return cookies.get(settings.SESSION_COOKIE_NAME, "")

    @property
    def since(self) -> datetime:
        """From when on its page knows nothing: as the page says, or as the browser remembers."""
        written = self.header("last-event-id") or self.query.get("since", [""])[0]
        return moment(written) or datetime.now(UTC)

    @property
    def crossing(self) -> list[tuple[bytes, bytes]]:
        """A page of ours at another port may read the answer, and nobody else."""
        origin = self.header("origin")
        if not is_our_page(origin, host=self.header("host")):
            return [(b"vary", b"origin")]
        return [
            (b"access-control-allow-origin", origin.encode("latin-1")),
            (b"access-control-allow-credentials", b"true"),
            (b"vary", b"origin"),
        ]

    @property
    def may_see_figures(self) -> bool:
        wanted = f"Bearer {settings.METRICS_TOKEN}".encode()
        given = self.header("authorization").encode("latin-1")
        return bool(settings.METRICS_TOKEN) and hmac.compare_digest(given, wanted)

    def refuse_odd(self) -> None:
        if self.method != "GET":
            raise Refused(405, "Streams are only read.")
        host, _ = split_domain_port(self.header("host"))
        if not validate_host(host, settings.ALLOWED_HOSTS):
            raise Refused(400, "That is not our name.")
        if self.header("origin") and not is_our_page(self.header("origin"), host=self.header("host")):
            raise Refused(403, "Only our own pages listen here.")


async def end_with_visit(stream: Stream, receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    stream.end()


async def speak(send: Send, event: str, data: Mapping[str, Any]) -> None:
    """One event; its id is from when on to tell, should the page come back."""
    since = f"id: {data['since']}\n" if "since" in data else ""
    text = f"event: {event}\n{since}data: {json.dumps(data, separators=(',', ':'))}\n\n"
    body: Message = {"type": "http.response.body", "body": text.encode(), "more_body": True}
    await asyncio.wait_for(send(body), READS_WITHIN)


async def say(send: Send, status: int, words: str, headers: list[tuple[bytes, bytes]] | None = None) -> None:
    known = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"cache-control", b"no-store"),
        (b"x-kefir-instance", settings.INSTANCE.encode()),
        *([(b"retry-after", COME_BACK_AFTER)] if status == 503 else []),
    ]
    await send({"type": "http.response.start", "status": status, "headers": [*known, *(headers or [])]})
    await send({"type": "http.response.body", "body": words.encode()})
