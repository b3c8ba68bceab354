"""What the tests of delivery share: a clock moved by hand, a channel that answers as told, a crash, what came of it."""

from collections import defaultdict
from datetime import datetime, timedelta
from uuid import UUID

from reminders import delivery, queue
from reminders.channels import Sent
from reminders.models import Delivery
from reminders.queue import LEASE
from tests.factories import NOON

DUE = NOON + timedelta(hours=1)
AFTER_THE_LEASE = DUE + LEASE + timedelta(seconds=1)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


class Clock:
    """Time as the test says; waiting takes none."""

    def __init__(self, now: datetime) -> None:
        self.time = now

    def now(self) -> datetime:
        return self.time

    def sleep_until(self, at: datetime) -> None:
        self.time = max(self.time, at)


class FakeChannel:
    """Remembers what it was given; `answers` says what it answers to an address, else it is sent."""

    BATCH = 100

    def __init__(self) -> None:
        self.calls: list[list] = []
        self.answers: dict[str, list] = defaultdict(list)
        self.before = lambda messages: None

    def send(self, messages, *, now):
        self.before(messages)
        self.calls.append([(now, one) for one in messages])
        return [self.answer(one) for one in messages]

    def answer(self, message):
        told = self.answers[message.address.to] or self.answers[""]
        return told.pop(0) if told else Sent()

    @property
    def sent(self):
        return [message for call in self.calls for _, message in call]

    @property
    def times(self):
        return [now for call in self.calls for now, _ in call]


def carry(now: datetime, *, ahead: timedelta = timedelta()) -> Clock:
    """A tick at that time, with what it hands over carried at once."""
    clock = Clock(now)
    for again in (False, True):
        while chunk := queue.claim(now=now, until=now + ahead, again=again):
            for part in delivery.apart(chunk):
                delivery.deliver(part, clock=clock)
    return clock


class Crash:
    """What a kill looks like from within: nothing after it happens."""

    class Crashed(BaseException):
        pass

    def __call__(self, *args, **kwargs):
        raise Crash.Crashed


def claimed(now=DUE):
    chunk = queue.claim(now=now, until=now)
    return [UUID(one.id) for one in chunk.claimed] if chunk else []


def seen(reminder):
    reminder.refresh_from_db()
    return reminder


def deliveries():
    return sorted(Delivery.objects.values_list("channel", "status"))
