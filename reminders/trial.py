"""“Send me a test”: one message over every way to somebody, at once, and what came of each."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import uuid4

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.devices import retire_device, retire_email
from accounts.models import Device, EmailWhen, User
from reminders import unsubscribe
from reminders.channels import OF_PLATFORM, Address, Failed, Message, Outcome, channel

EMAIL = "email"
# Somebody sits and waits for it.
SECONDS = 8
USE = timedelta(hours=1)


class Way(NamedTuple):
    """One way to somebody, and what it is called on their page; without an address, it is not tried."""

    name: str
    address: Address | None = None
    why_not: str = ""


class Tried(NamedTuple):
    """What came of it; None: nobody has answered yet."""

    way: Way
    outcome: Outcome | None


def send(*, user: User, now: datetime) -> list[Tried]:
    """To every live device and by e-mail, as far as they are switched on."""
    ways = list(ways_to(user))
    outcomes = outcomes_by_key([way.address for way in ways if way.address], user, now)
    tried = [Tried(way, outcomes[way.address.key] if way.address else Failed(way.why_not)) for way in ways]
    for one in tried:
        give_up(one, user, now)
    return tried


def ways_to(user: User) -> Iterator[Way]:
    devices = Device.objects.of(user).live().last_seen_first()
    for device in devices if user.push_on else ():
        address = Address(OF_PLATFORM[device.platform], str(device.pk), device.address, device.keys)
        yield Way(str(device), address)
    if devices and not user.push_on:
        yield Way(_("Push messages"), why_not=_("They are switched off."))
    if user.email_when == EmailWhen.NEVER:
        yield Way(_("E-mail"), why_not=_("It is switched off."))
    elif user.email_failed_at:
        yield Way(_("E-mail"), why_not=_("It comes back: %(reason)s") % {"reason": user.email_failure})
    else:
        yield Way(_("E-mail"), Address(EMAIL, EMAIL, user.email))


def outcomes_by_key(addresses: list[Address], user: User, now: datetime) -> dict[str, Outcome | None]:
    """All channels side by side, and none for longer than somebody waits."""
    names = {address.channel for address in addresses}
    messages = {name: [message(one, user, now) for one in addresses if one.channel == name] for name in names}
    threads = ThreadPoolExecutor(max(1, len(names)))
    calls = {name: threads.submit(channel(name).send, messages[name], now=now) for name in names}
    wait(calls.values(), SECONDS)
    threads.shutdown(wait=False, cancel_futures=True)
    return {
        one.address.key: outcome
        for name, call in calls.items()
        for one, outcome in zip(messages[name], answers(call, len(messages[name])), strict=True)
    }


def answers(call: Future[list[Outcome]], count: int) -> list[Outcome | None]:
    return list(call.result()) if call.done() else [None] * count


def message(address: Address, user: User, now: datetime) -> Message:
    is_email = address.channel == EMAIL
    return Message(
        identity=f"test-{uuid4().hex}",
        reminder_id="",
        round=1,
        address=address,
        title=_("A test from %(house)s") % {"house": settings.SITE_NAME},
        body=_("Reminders reach you here."),
        batch_id="",
        link="" if is_email else f"{settings.SITE_URL}/settings/reminders/",
        due_at=now,
        expires_at=now + USE,
        zone=user.timezone,
        priority=1,
        language=get_language() or "",
        unsubscribe_link=unsubscribe.link_for(user.pk) if is_email else "",
    )


def give_up(tried: Tried, user: User, now: datetime) -> None:
    """What the channel says is gone for good."""
    address, outcome = tried.way.address, tried.outcome
    if address is None or not isinstance(outcome, Failed) or not outcome.retires:
        return
    if address.channel == EMAIL:
        retire_email(user_id=user.pk, reason=outcome.reason, now=now)
    else:
        retire_device(device_pk=address.key, address=address.to, reason=outcome.reason, sent_at=now, now=now)
