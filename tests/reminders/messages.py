"""Messages as the engine hands them to a channel."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from reminders.channels import Address, Message
from tests.factories import NOON

REMINDER = "7f3e4c1a-0000-4000-8000-{:012d}"


def expo_address(number: int = 1) -> Address:
    return Address("expo", str(number), f"ExponentPushToken[{number:022d}]")


def make_message(number: int = 1, **other: Any) -> Message:
    reminder_id = str(UUID(REMINDER.format(number)))
    said = {
        "identity": f"{reminder_id}-1",
        "reminder_id": reminder_id,
        "round": 1,
        "address": expo_address(number),
        "title": "Lemon jar",
        "body": "Taste it",
        "batch_id": "0123456789AB",
        "link": "http://testserver/r/the-token",
        "due_at": NOON,
        "expires_at": NOON + timedelta(hours=48),
        "zone": "Europe/Berlin",
        "priority": 1,
    }
    return Message(**{**said, **other})


def make_messages(count: int, **other: Any) -> list[Message]:
    return [make_message(number, **other) for number in range(1, count + 1)]
