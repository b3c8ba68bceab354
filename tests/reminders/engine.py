"""What the tests of delivery share: a clock that is moved by hand, and a channel that answers as it is told."""

from collections import defaultdict
from datetime import datetime, timedelta

from reminders import delivery, queue
from reminders.channels import Sent


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
