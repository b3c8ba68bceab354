"""People, jars and reminders in bulk, by COPY: the verbs would take longer than what is measured."""

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

import psycopg
from django.db import models
from psycopg.types.json import Jsonb

from accounts.models import Device, User
from batches.models import Batch
from reminders.models import Reminder

PER_BATCH = 10
PER_USER = 100


@dataclass(frozen=True)
class Seeded:
    users: list[uuid.UUID]
    reminders: list[uuid.UUID]


def seed(
    connection: psycopg.Connection,
    count: int,
    *,
    alert_at: Callable[[int], datetime],
    device: str = "android",
    user: Mapping[str, Any] | None = None,
) -> Seeded:
    """So many waiting reminders, a hundred a person, all in one moment; `device` "" leaves only e-mail."""
    now = datetime.now(UTC)
    users = [uuid.uuid4() for _ in range(-(-count // PER_USER))]
    batches = [f"{number:012d}" for number in range(-(-count // PER_BATCH))]
    reminders = [uuid.uuid4() for _ in range(count)]
    with connection.transaction():
        copy(connection, User, people(users, user or {}))
        if device:
            copy_devices(connection, users, device, now)
        copy(connection, Batch, jars(batches, users, now))
        copy(connection, Reminder, due(reminders, batches, users, alert_at, now))
    return Seeded(users, reminders)


def people(users: list[uuid.UUID], filled: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for number, key in enumerate(users):
        yield {"id": key, "email": f"keeper{number}@example.com", "password": f"!{key.hex}", **filled}


def copy_devices(
    connection: psycopg.Connection, users: list[uuid.UUID], platform: str, now: datetime
) -> None:
    rows = (
        {
            "user_id": key,
            "device_id": f"phone {number}",
            "platform": platform,
            "address": f"ExponentPushToken[{key.hex[:22]}]",
            "last_seen_at": now,
            "created_at": now,
        }
        for number, key in enumerate(users)
    )
    copy(connection, Device, rows)


def jars(batches: list[str], users: list[uuid.UUID], now: datetime) -> Iterator[dict[str, Any]]:
    for number, key in enumerate(batches):
        yield {
            "id": key,
            "owner_id": users[number * PER_BATCH // PER_USER],
            "name": f"Jar {number}",
            "started_at": now - timedelta(days=2),
            "created_at": now,
            "updated_at": now,
        }


def due(
    reminders: list[uuid.UUID],
    batches: list[str],
    users: list[uuid.UUID],
    alert_at: Callable[[int], datetime],
    now: datetime,
) -> Iterator[dict[str, Any]]:
    for number, key in enumerate(reminders):
        yield {
            "id": key,
            "batch_id": batches[number // PER_BATCH],
            "owner_id": users[number // PER_USER],
            "message": f"Taste it, number {number}: sweet still, or sour already?",
            "due_at": alert_at(number),
            "created_at": now,
        }


def copy(
    connection: psycopg.Connection, model: type[models.Model], rows: Iterable[Mapping[str, Any]]
) -> None:
    """Rows by column name, all with the same ones; what is not given has the field's default."""
    rows = iter(rows)
    first = next(rows)
    fields = [one for one in model._meta.concrete_fields if one.column in first or has_default(one)]
    names = ", ".join(f'"{one.column}"' for one in fields)
    with (
        connection.cursor() as cursor,
        cursor.copy(f'COPY "{model._meta.db_table}" ({names}) FROM STDIN') as into,
    ):
        for row in chain([first], rows):
            into.write_row([in_database(one, row) for one in fields])


def has_default(field: models.Field) -> bool:
    """One that Django gives; the database gives its own, counts, and computes."""
    is_the_database = isinstance(field, models.AutoField | models.GeneratedField) or field.has_db_default()
    return not is_the_database


def in_database(field: models.Field, row: Mapping[str, Any]) -> Any:
    value = row[field.column] if field.column in row else field.get_default()
    return Jsonb(value) if isinstance(field, models.JSONField) and value is not None else value


def forget(connection: psycopg.Connection) -> None:
    """Everything, and the dead rows too, so that each round begins alike."""
    connection.execute("TRUNCATE accounts_user CASCADE")
