"""Push messages to the app, through Expo's push service. Why not its SDK: docs/adr/0010-own-expo-client.md.

https://docs.expo.dev/push-notifications/sending-notifications/
"""

import gzip
import json
import logging
import time
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_noop

from reminders.channels import (
    SET_UP_WRONGLY,
    Failed,
    Later,
    Message,
    Outcome,
    Sent,
    pace,
    texts,
    transport,
    unclear,
)

logger = logging.getLogger("kefir.channels.expo")

BATCH = 100
RECEIPTS_AT_ONCE = 1000
# Apple and Google take 4 096 bytes; the rest is for what Expo wraps around it.
MOST_BYTES = 3_584
# A control character written out has six; and all that is not title and body, at its longest.
LONGEST_CHARACTER, FRAME = 6, 1_200
KEPT_FOR = timedelta(days=28)
# A call must be over long before the lease is; what has not gone by then goes with the next one.
SECONDS = 25
HINT = 2
ANDROID_CHANNEL = "reminders"
IOS_CATEGORY = "reminder"
# The request was accepted by one machine and then lost from sight by the one before it.
UNCLEAR_STATUSES = {504, 520, 524}
TOO_MANY = "TOO_MANY_REQUESTS"
NOT_ABOUT_A_MESSAGE = {TOO_MANY, "UNAUTHORIZED", "FORBIDDEN"}


def send(messages: Sequence[Message], *, now: datetime) -> list[Outcome]:
    deadline = time.monotonic() + SECONDS
    size = min(BATCH, settings.EXPO_PER_SECOND or BATCH)
    outcomes: list[Outcome] = []
    for start in range(0, len(messages), size):
        outcomes += _carried(messages[start : start + size], now, deadline)
    return outcomes


def receipts(tickets: Sequence[str], *, now: datetime) -> dict[str, Outcome] | None:
    """What Expo has heard of at most 1 000 tickets; those it knows nothing of (yet) are left out.

    None: it did not answer, so ask again later.
    """
    try:
        answer = _post("getReceipts", _squeezed(json.dumps({"ids": list(tickets)}).encode()))
    except (transport.NotSent, transport.MaybeSent):
        return None
    found = _parsed(answer.body).get("data") if answer.status == 200 else None
    if not isinstance(found, dict):
        logger.warning("Expo gave no receipts: HTTP %d", answer.status)
        return None
    return {ticket: _outcome(found[ticket]) for ticket in tickets if isinstance(found.get(ticket), dict)}


# --- one request ------------------------------------------------------------------------------------------------


def _carried(messages: Sequence[Message], now: datetime, deadline: float) -> list[Outcome]:
    # Expo counts what arrives, so whatever takes time is done before our turn.
    body, per_second = _squeezed(_body(messages, now)), settings.EXPO_PER_SECOND
    try:
        transport.be_ready(settings.EXPO_URL)
        if not pace.wait_for_turn("expo", len(messages), per_second=per_second, deadline=deadline):
            return [
                Later(gettext_noop("Too much was to be said at once."), after=timedelta(seconds=1))
            ] * len(messages)
        answer = _post("send", body)
    except transport.NotSent as error:
        return [Later(f"Expo cannot be reached ({error}).")] * len(messages)
    except transport.MaybeSent as error:
        return [unclear(message, f"Expo did not answer ({error}).") for message in messages]
    return _read(answer, messages, now, deadline)


def _read(
    answer: transport.Answer, messages: Sequence[Message], now: datetime, deadline: float
) -> list[Outcome]:
    said = _parsed(answer.body)
    if answer.status == 200 and ("data" in said or "errors" not in said):
        return _from_tickets(said.get("data"), messages)
    if answer.status in UNCLEAR_STATUSES:
        return [unclear(message, f"Expo answered {answer.status}.") for message in messages]
    if answer.status in {200, 400, 413} and _code(said) not in NOT_ABOUT_A_MESSAGE:
        return _without_the_culprit(said, messages, now, deadline)
    return [_refusal(answer, said, now)] * len(messages)


def _from_tickets(tickets: Any, messages: Sequence[Message]) -> list[Outcome]:
    if isinstance(tickets, dict):
        tickets = [tickets]
    if not _are_tickets(tickets) or len(tickets) != len(messages):
        return [
            unclear(message, gettext_noop("Expo's answer does not fit what was sent."))
            for message in messages
        ]
    return [_outcome(ticket) for ticket in tickets]


def _are_tickets(tickets: Any) -> bool:
    return isinstance(tickets, list) and all(isinstance(ticket, dict) for ticket in tickets)


def _refusal(answer: transport.Answer, said: dict[str, Any], now: datetime) -> Later:
    """Nothing of it was taken, and that has nothing to do with what it was."""
    pause, code = answer.wanted_pause(now), _code(said)
    if answer.status in {408, 425, 429} or answer.status >= 500 or code == TOO_MANY:
        return Later(f"Expo answered {answer.status}.", after=pause)
    return _alarm(code or f"HTTP {answer.status}", pause)


def _without_the_culprit(
    said: dict[str, Any], messages: Sequence[Message], now: datetime, deadline: float
) -> list[Outcome]:
    """One bad message makes Expo refuse all of them: the others go without it."""
    if len(messages) == 1:
        return [Failed(f"Expo refuses the message ({_code(said) or 'no reason given'}).")]
    outcomes: dict[int, Outcome] = {}
    for part in _parts(said, messages):
        told = _carried([messages[at] for at in part], now, deadline)
        outcomes.update(zip(part, told, strict=True))
    return [outcomes[at] for at in range(len(messages))]


def _parts(said: dict[str, Any], messages: Sequence[Message]) -> list[list[int]]:
    """By Expo project, where it says that there are several; else in halves."""
    project_of = {token: name for name, tokens in _details(said).items() for token in _strings(tokens)}
    projects: dict[str, list[int]] = {}
    for at, message in enumerate(messages):
        projects.setdefault(project_of.get(message.address.to, ""), []).append(at)
    if len(projects) > 1:
        return list(projects.values())
    half = len(messages) // 2
    return [list(range(half)), list(range(half, len(messages)))]


def _post(what: str, body: bytes) -> transport.Answer:
    headers = {
        "Content-Type": "application/json",
        "Content-Encoding": "gzip",
        "Accept": "application/json",
        "Accept-Encoding": "gzip",
    }
    if settings.EXPO_ACCESS_TOKEN:
        headers["Authorization"] = f"Bearer {settings.EXPO_ACCESS_TOKEN}"
    url = f"{settings.EXPO_URL}/--/api/v2/push/{what}"
    return transport.post(url, body=body, headers=headers)


def _squeezed(body: bytes) -> bytes:
    """The time it costs to squeeze harder is more than what the shorter way saves."""
    return gzip.compress(body, 1, mtime=0)


# --- what is written --------------------------------------------------------------------------------------------


def _body(messages: Iterable[Message], now: datetime) -> bytes:
    return _encoded([_short_enough(message, now) for message in messages])


def _short_enough(message: Message, now: datetime) -> dict[str, Any]:
    title, body = message.title, texts.body_of(message)
    payload = _payload(message, title, body, now)
    if LONGEST_CHARACTER * (len(title) + len(body)) + FRAME <= MOST_BYTES:
        # Nearly all are, so nearly none is measured.
        return payload
    while (over := len(_encoded(payload)) - MOST_BYTES) > 0 and (title or body):
        title, body = texts.less(title, body, over)
        payload = _payload(message, title, body, now)
    return payload


def _payload(message: Message, title: str, body: str, now: datetime) -> dict[str, Any]:
    payload = {
        "to": message.address.to,
        "title": title,
        "body": body,
        "data": {
            "reminderId": message.reminder_id,
            "round": message.round,
            **about(message),
            "url": message.link,
        },
        "ttl": message.seconds_left(now, at_most=KEPT_FOR),
        # A sleeping Android is woken for what is to be done, not for a hint.
        "priority": "default" if message.priority >= HINT else "high",
        "sound": "default",
        "channelId": ANDROID_CHANNEL,
        "categoryId": IOS_CATEGORY,
    }
    if message.priority == 0:
        payload["interruptionLevel"] = "time-sensitive"
    return payload


def about(message: Message) -> dict[str, str]:
    return {"grainsId": message.grains_id} if message.grains_id else {"batchId": message.batch_id}


def _encoded(payload: dict[str, Any] | list[dict[str, Any]]) -> bytes:
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


# --- what is read -----------------------------------------------------------------------------------------------


def _outcome(told: dict[str, Any]) -> Outcome:
    """Of one ticket or receipt. An error there means that the message was not handed on."""
    if told.get("status") == "ok":
        return Sent(str(told.get("id") or ""))
    details = told.get("details")
    error = str(details.get("error") or "") if isinstance(details, dict) else ""
    match error:
        case "DeviceNotRegistered":
            return Failed(gettext_noop("The app is no longer on this device."), retires=True)
        case "MessageTooBig" | "DeveloperError":
            return Failed(f"Expo refuses the message ({error}).")
        case "InvalidCredentials" | "MismatchSenderId":
            return _alarm(error)
        case "MessageRateExceeded":
            return Later(gettext_noop("This device was told too much at once."), after=timedelta(minutes=1))
    return Later(f"Expo could not hand it on ({error[:40] or 'no reason given'}).")


def _alarm(code: str, pause: timedelta | None = None) -> Later:
    """Nobody's device is to blame, so none is given up; the operator must hear of it."""
    logger.error("Expo refuses us: %s. See its dashboard, EXPO_ACCESS_TOKEN and EXPO_URL.", code)
    return Later(f"{SET_UP_WRONGLY} Expo says {code[:60]}.", after=pause)


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _code(said: dict[str, Any]) -> str:
    return str(_problem(said).get("code") or "")[:60]


def _details(said: dict[str, Any]) -> dict[str, Any]:
    details = _problem(said).get("details")
    return details if isinstance(details, dict) else {}


def _problem(said: dict[str, Any]) -> dict[str, Any]:
    errors = said.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else {}
    return first if isinstance(first, dict) else {}


def _strings(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
