"""The ways a message reaches somebody: what is handed to them, what they answer, and one line for each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from types import MappingProxyType
from typing import NamedTuple, Protocol, cast

from accounts.models import Device

# A new channel is one module with `send` and `BATCH`, and one line here. Imported when first used: the
# cryptography of Web Push would cost memory in every process.
CHANNELS = {
    "expo": "reminders.channels.expo",
    "webpush": "reminders.channels.webpush",
    "email": "reminders.channels.email",
}
OF_PLATFORM = {
    Device.Platform.IOS.value: "expo",
    Device.Platform.ANDROID.value: "expo",
    Device.Platform.WEB.value: "webpush",
}
# Begins the reason of what only Kefir's operator can mend: no address is given up for it, and figures count it.
SET_UP_WRONGLY = "Kefir is set up wrongly:"

NO_KEYS: Mapping[str, str] = MappingProxyType({})


class Address(NamedTuple):
    """Where a channel reaches somebody. `key` is what a delivery's row calls it: a device's key, or "email"."""

    channel: str
    key: str
    to: str
    keys: Mapping[str, str] = NO_KEYS


class Message(NamedTuple):
    """One reminder on its way to one address.

    `identity` is the same whenever the same round of a reminder is sent, so that whoever gets it twice shows it
    once. `uncertain`: an earlier try may have arrived, and nobody knows.
    """

    identity: str
    reminder_id: str
    round: int
    address: Address
    title: str
    body: str
    batch_id: str  # one of the two, or neither where nothing is asked
    link: str
    due_at: datetime
    expires_at: datetime
    zone: str
    priority: int
    grains_id: str = ""
    unsubscribe_link: str = ""
    lines: tuple[str, ...] = ()
    why: str = ""
    language: str = ""
    uncertain: bool = False

    def seconds_left(self, now: datetime, *, at_most: timedelta) -> int:
        """How long a push service may keep it for a device that is away."""
        return max(0, int(min(self.expires_at - now, at_most).total_seconds()))


@dataclass(frozen=True, slots=True)
class Sent:
    """Taken over by the channel; the ticket is what it can be asked about later."""

    ticket: str = ""


@dataclass(frozen=True, slots=True)
class Later:
    """Worth another try, after the time the channel asked for.

    `uncertain`: it may have arrived all the same. It is sent once more, marked so; a channel that hears nothing
    certain of such a message either says Unknown.
    """

    reason: str
    after: timedelta | None = None
    uncertain: bool = False


@dataclass(frozen=True, slots=True)
class Failed:
    """Will never arrive; `retires` when nothing else will at this address either."""

    reason: str
    retires: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """May have arrived, and was sent twice already."""

    reason: str


Outcome = Sent | Later | Failed | Unknown


class Channel(Protocol):
    BATCH: int

    def send(self, messages: Sequence[Message], *, now: datetime) -> list[Outcome]:
        """An outcome for each message, in their order. Raises nothing that the world can cause."""


def channel(name: str) -> Channel:
    return cast("Channel", import_module(CHANNELS[name]))


def unclear(message: Message, reason: str) -> Outcome:
    """What to say of a message of which nobody knows whether it arrived: one more try, and no third."""
    return Unknown(reason) if message.uncertain else Later(reason, uncertain=True)
