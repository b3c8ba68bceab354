"""Push messages to browsers, through the push service that each browser has chosen (RFC 8030, 8291, 8292).

Encrypting and signing are pywebpush's two parts, http_ece and py_vapid, used directly: pywebpush itself brings a
second and a third HTTP library, half a second of start and 25 MB into every process.
"""

import base64
import hashlib
import json
import logging
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import http_ece
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from py_vapid import Vapid02, VapidException

from accounts import push_addresses
from kefir import languages
from reminders.channels import (
    SET_UP_WRONGLY,
    Failed,
    Later,
    Message,
    Outcome,
    Sent,
    texts,
    transport,
    unclear,
)

logger = logging.getLogger("kefir.channels.webpush")

BATCH = 100
CONNECTIONS = 6
# So that a host which hangs leaves connections for the others.
CONNECTIONS_PER_HOST = 3
# What every push service must take (RFC 8291, 4), encrypted; this is what fits in it.
MOST_BYTES = 3_993
KEPT_FOR = timedelta(days=28)
# Of a proof of who we are; RFC 8292 allows a day.
SIGNED_FOR = timedelta(hours=12)
# A call must be over long before the lease is; what has not gone by then goes with the next one.
SECONDS = 25
# In seconds. A first try makes nobody wait longer than this for a host that hangs. The second one, of which the push
# service and the browser show one by its topic, has all the time there is.
PATIENCE, PATIENCE_WITH_THE_SECOND = 1, 10
HINT = 2


class NoKeys(Exception):
    """What the browser gave as its keys cannot be used."""


def send(messages: Sequence[Message], *, now: datetime) -> list[Outcome]:
    """Side by side, at most three at a time to one host."""
    if not settings.VAPID_PRIVATE_KEY:
        return [Failed(gettext_noop("Messages to browsers are not set up here."))] * len(messages)
    silent: set[str] = set()
    deadline = time.monotonic() + SECONDS

    def carry(lane: Sequence[int]) -> list[tuple[int, Outcome]]:
        return [(at, _carried(messages[at], now, silent, deadline)) for at in lane]

    with ThreadPoolExecutor(CONNECTIONS) as threads:
        told = dict(pair for lane in threads.map(carry, _lanes(messages)) for pair in lane)
    return [told[at] for at in range(len(messages))]


def public_key() -> str:
    """What a browser needs to subscribe (applicationServerKey); empty where Web Push is not set up."""
    if not settings.VAPID_PRIVATE_KEY:
        return ""
    point = _vapid(settings.VAPID_PRIVATE_KEY).public_key.public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    return _base64url(point)


def new_private_key() -> str:
    """Fit for VAPID_PRIVATE_KEY."""
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return _base64url(number.to_bytes(32, "big"))


# --- side by side -----------------------------------------------------------------------------------------------


def _lanes(messages: Sequence[Message]) -> list[list[int]]:
    """Places in `messages`, to be carried one after the other each: three lanes a host, its first before any second."""
    by_host: dict[str, list[int]] = {}
    for at, message in enumerate(messages):
        by_host.setdefault(_host(message.address.to), []).append(at)
    turns = range(CONNECTIONS_PER_HOST)
    lanes = (places[turn::CONNECTIONS_PER_HOST] for turn in turns for places in by_host.values())
    return [lane for lane in lanes if lane]


def _host(endpoint: str) -> str:
    try:
        return urlsplit(endpoint).hostname or ""
    except ValueError:
        return ""


# --- one message ------------------------------------------------------------------------------------------------


def _carried(message: Message, now: datetime, silent: set[str], deadline: float) -> Outcome:
    """`silent` are the hosts that let somebody wait just now: the next one would only wait as long again."""
    endpoint, keys = message.address.to, message.address.keys
    if not push_addresses.is_web_push_endpoint(endpoint, settings.WEB_PUSH_HOSTS):
        return Failed(
            gettext_noop("The browser's push service is not one that is called from here."), retires=True
        )
    if _host(endpoint) in silent:
        return Later(gettext_noop("The browser's push service does not answer."))
    if time.monotonic() > deadline:
        return Later(gettext_noop("Too much was to be said at once."))
    try:
        return _posted(message, encrypted(_payload(message), keys), now)
    except NoKeys:
        return Failed(gettext_noop("The browser's keys are no keys."), retires=True)
    except VapidException:
        return _alarm(message, "VAPID_PRIVATE_KEY or VAPID_SUBJECT is not of the right form.")
    except transport.NotSent as error:
        silent.add(_host(endpoint))
        return Later(f"The browser's push service cannot be reached ({error}).")
    except transport.MaybeSent as error:
        silent.add(_host(endpoint))
        return unclear(message, f"The browser's push service did not answer ({error}).")


def _posted(message: Message, body: bytes, now: datetime) -> Outcome:
    read = PATIENCE_WITH_THE_SECOND if message.uncertain else PATIENCE
    headers = _headers(message, now)
    answer = transport.post(message.address.to, body=body, headers=headers, connect=PATIENCE, read=read)
    return _outcome(answer, message, now)


def _outcome(answer: transport.Answer, message: Message, now: datetime) -> Outcome:
    reason, pause = f"The browser's push service answered {answer.status}.", answer.wanted_pause(now)
    match answer.status:
        case 200 | 201 | 202 | 204:
            return Sent()
        case 404 | 410:
            return Failed(gettext_noop("The browser takes no more messages from here."), retires=True)
        case 401 | 403:
            return _alarm(message, f"a browser's push service answered {answer.status}.", pause)
        case 504:
            return unclear(message, reason)
        case 408 | 425 | 429:
            return Later(reason, after=pause)
        case status if status >= 500:
            return Later(reason, after=pause)
    return Failed(reason)


def _alarm(message: Message, what: str, pause: timedelta | None = None) -> Later:
    """No browser is to blame, so none is given up; the operator must hear of it."""
    logger.error("Web Push to %s: %s", _host(message.address.to), what)
    return Later(f"{SET_UP_WRONGLY} {what}", after=pause)


def _headers(message: Message, now: datetime) -> dict[str, str]:
    return {
        "Content-Type": "application/octet-stream",
        "Content-Encoding": "aes128gcm",
        "TTL": str(message.seconds_left(now, at_most=KEPT_FOR)),
        "Urgency": "normal" if message.priority >= HINT else "high",
        "Topic": topic(message.identity),
        **_signature(message.address.to),
    }


def topic(identity: str) -> str:
    """The newer message of one topic takes the place of the older one; 32 characters at most."""
    return _base64url(hashlib.sha256(identity.encode()).digest()[:24])


def encrypted(content: bytes, keys: Mapping[str, str]) -> bytes:
    """Raises NoKeys."""
    p256dh, auth = keys.get("p256dh", ""), keys.get("auth", "")
    if not push_addresses.are_web_push_keys(p256dh, auth):
        raise NoKeys
    try:
        body: bytes = http_ece.encrypt(
            content,
            private_key=ec.generate_private_key(ec.SECP256R1()),
            dh=push_addresses.from_base64url(p256dh),
            auth_secret=push_addresses.from_base64url(auth),
        )
    except (ValueError, http_ece.ECEException) as error:
        # What has the length and beginning of a point need not be one of the curve.
        raise NoKeys from error
    return body


def _payload(message: Message) -> bytes:
    """What static/js/…/sw.js shows."""
    title, body = message.title, texts.body_of(message)
    while len(content := _content(message, title, body)) > MOST_BYTES and (title or body):
        title, body = texts.less(title, body, len(content) - MOST_BYTES)
    return content


def _content(message: Message, title: str, body: str) -> bytes:
    content = {
        "title": title,
        "body": body,
        "tag": message.identity,
        "url": message.link,
        "token": message.link.rstrip("/").rpartition("/")[2],
        **words(message.language),
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


# --- who we are -------------------------------------------------------------------------------------------------


def _signature(endpoint: str) -> dict[str, str]:
    """A fresh one each: the library keeps what it is given, and the origin is another one for each host."""
    parts = urlsplit(endpoint)
    port = f":{parts.port}" if parts.port not in {None, push_addresses.HTTPS} else ""
    # The push service judges by its own clock, so by the real time, whatever time this message is for.
    expires_at = int(time.time() + SIGNED_FOR.total_seconds())
    claims = {"aud": f"https://{parts.hostname}{port}", "exp": expires_at, "sub": settings.VAPID_SUBJECT}
    signed: dict[str, str] = _vapid(settings.VAPID_PRIVATE_KEY).sign(claims)
    return signed


@cache
def _vapid(private_key: str) -> Vapid02:
    return Vapid02.from_raw(private_key.encode())


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def words(language: str) -> dict[str, Any]:
    """The buttons below a message, and what is said when one fails; what each does, static/js/sw.js knows."""
    with languages.spoken(language):
        buttons = [{"action": "done", "title": _("Done")}, {"action": "snooze", "title": _("In an hour")}]
        return {"actions": buttons, "sorry": _("That did not get through. Try again, or open it.")}
