"""The queue in PostgreSQL: claimed, looked at once more, noted. A hundred at a time, in few statements.

Written in SQL and not with models: every message comes along here, and models would cost more than the database.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any, NamedTuple

import psycopg
from django.db import connection

from reminders import statements

LEASE = timedelta(seconds=60)
# Longer than any transaction may take: whoever is still writing may yet bring a reminder from so far back.
STILL_WRITING = timedelta(minutes=10)
RECEIPT_AFTER = timedelta(minutes=15)
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class Claimed(NamedTuple):
    """A reminder in our hands until the lease ends; so often was it in somebody's since its last outcome."""

    id: str
    alert_at: datetime
    claims: int


class Chunk(NamedTuple):
    """What one message carries: reminders under one lease, the soonest first."""

    lease: datetime
    claimed: list[Claimed]


class Fact(NamedTuple):
    """What is known of a claimed reminder and its owner. One for each live device, or one without."""

    id: str
    status: str
    round: int
    attempts: int
    claims: int
    priority: int
    message: str
    why: str
    due_at: datetime
    wanted_at: datetime
    alert_at: datetime
    sent_at: datetime | None
    batch_id: str
    grains_id: str
    name: str  # of its batch or its culture
    is_archived: bool
    owner_id: str
    is_active: bool
    is_leaving: bool
    email: str
    zone: str
    quiet_from: time | None
    quiet_until: time | None
    paused_until: datetime | None
    email_when: str
    email_failed: bool
    nag_every: timedelta | None
    device: int | None
    platform: str | None
    address: str | None
    keys: dict[str, str] | None
    has_webhooks: bool
    language: str


class Earlier(NamedTuple):
    """A delivery that was noted before."""

    reminder_id: str
    round: int
    channel: str
    address: str
    status: str
    attempts: int
    next_try_at: datetime | None
    uncertain: bool
    error: str
    created_at: datetime


class Noted(NamedTuple):
    """A delivery to be noted."""

    reminder_id: str
    round: int
    channel: str
    address: str
    status: str
    attempts: int
    next_try_at: datetime | None
    uncertain: bool
    error: str
    ticket: str


class Ending(NamedTuple):
    """How a claimed reminder leaves our hands: told just now, or with `held_until` not to be told before then."""

    reminder_id: str
    status: str
    round: int
    attempts: int
    is_told: bool
    held_until: datetime | None
    again_at: datetime | None
    error: str


class ToDo(NamedTuple):
    """A line of a nag."""

    owner_id: str
    id: str
    status: str
    name: str
    message: str


def execute(statement: str, parameters: dict[str, Any] | None = None) -> psycopg.Cursor[Any]:
    """On Django's connection and in its transaction, but prepared: planning would cost as much as doing."""
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    with connection.wrap_database_errors:
        return psycopg.Cursor(connection.connection).execute(
            statement.encode(), parameters, prepare=True, binary=True
        )


def beat(*, rest: timedelta) -> datetime | None:
    """Note that the tick runs, and tell the time; None when another has just run."""
    row = execute(statements.BEAT, {"rest": rest}).fetchone()
    return row[0] if row else None


def look_from_the_first(*, now: datetime) -> None:
    """Begin with the first that waits, so that a million dead rows before it are walked over once and not each time."""
    execute(statements.LOOK_FROM, {"at": now - STILL_WRITING})


def claim(*, now: datetime, until: datetime, since: datetime = LONG_AGO, again: bool = False) -> Chunk | None:
    """Take the first of what is to go until then and is in nobody's hands. Several may claim at once.

    `since`: whoever has just claimed what comes before need not walk over it again.
    """
    lease = now + LEASE
    rows = execute(
        statements.CLAIM_AGAIN if again else statements.CLAIM_DUE,
        {"now": now, "until": until, "since": since, "lease": lease},
    ).fetchall()
    claimed = sorted(map(Claimed._make, rows), key=lambda one: one.alert_at)
    return Chunk(lease, claimed) if claimed else None


def take(*, now: datetime, since: datetime = LONG_AGO) -> tuple[datetime, list[Fact]]:
    """Claim the first of what is due and know all about it at once, to be carried there and then; and the lease."""
    lease = now + LEASE
    rows = execute(statements.TAKE, {"now": now, "until": now, "since": since, "lease": lease})
    return lease, [Fact._make(row) for row in rows]


def in_hand(*, now: datetime, until: datetime, most: int) -> int:
    """How many are claimed and have no outcome yet; `most` when it is more."""
    return int(execute(statements.IN_HAND, {"now": now, "until": until, "most": most}).fetchone()[0])  # type: ignore[index]


def release(ids: Sequence[str], lease: datetime) -> None:
    """Nobody takes them up: let the next tick."""
    execute(statements.RELEASE, {"ids": array(ids), "lease": lease})


def facts(ids: Sequence[str], lease: datetime) -> list[Fact]:
    """Of those that are still ours; several in a row of one reminder whose owner has several devices."""
    return [Fact._make(row) for row in execute(statements.FACTS, {"ids": array(ids), "lease": lease})]


def earlier(ids: Sequence[str]) -> list[Earlier]:
    return [Earlier._make(row) for row in execute(statements.EARLIER, {"ids": array(ids)})]


def renew(ids: Sequence[str], lease: datetime, *, now: datetime) -> datetime:
    """The lease under which those that are still ours stay so; the others fall out by their old one."""
    new = now + LEASE
    execute(statements.RENEW, {"ids": array(ids), "lease": lease, "new": new})
    return new


def count_try(ids: Sequence[str], lease: datetime) -> None:
    """Before the try and not after it: it may be the last thing its worker does."""
    execute(statements.COUNT_TRY, {"ids": array(ids), "lease": lease})


def to_do(owners: Sequence[str], *, now: datetime) -> list[ToDo]:
    """What they were told or should have been, and have not done; what matters most first."""
    return [ToDo._make(row) for row in execute(statements.TO_DO, {"owners": array(owners), "now": now})]


def nagged_already(ids: Sequence[str], *, at: datetime, now: datetime) -> None:
    """They were listed in another one's nag: their own comes with the next."""
    execute(statements.NAGGED_ALREADY, {"ids": array(ids), "at": at, "now": now})


def settle(
    noted: Sequence[Noted],
    endings: Sequence[Ending],
    *,
    lease: datetime,
    added: Counter[tuple[str, str]],
    now: datetime,
    is_first: bool = False,
) -> None:
    """Note what became of deliveries, and let go of their reminders, if they are still in our hands.

    Where none of them was noted before, PostgreSQL need not look for it; IntegrityError when one was all the same.
    """
    # In one order, whoever else locks several of them: so nobody waits in a circle.
    in_order = sorted(endings, key=lambda one: one.reminder_id)
    figures = [(*key, value) for key, value in added.items()]
    execute(
        statements.SETTLE_FIRST if is_first else statements.SETTLE,
        columns(Noted._fields, noted, "noted_")
        | columns(Ending._fields, in_order, "ended_")
        | columns(("figure", "label", "added"), figures)
        | {"lease": lease, "now": now, "receipt_after": RECEIPT_AFTER},
    )


def columns(names: Sequence[str], rows: Sequence[Sequence[Any]], prefix: str = "") -> dict[str, Any]:
    """The rows as one array a column, for unnest."""
    arrays = [array(values) for values in zip(*rows, strict=True)] or ["{}"] * len(names)
    return {f"{prefix}{name}": one for name, one in zip(names, arrays, strict=True)}


def array(values: Sequence[Any]) -> str:
    """As PostgreSQL writes one: to let the driver find out the kind of each value would cost more than the rest."""
    texts = {value: "NULL" if value is None else quoted(str(value)) for value in set(values)}
    return "{" + ",".join([texts[value] for value in values]) + "}"


def quoted(text: str) -> str:
    if not text.isprintable():
        # What a service says may hold what PostgreSQL refuses; that must not keep a hundred from being noted.
        text = "".join(one if one.isprintable() else " " for one in text)
    if "\\" in text or '"' in text:
        text = text.replace("\\", r"\\").replace('"', r"\"")
    return f'"{text}"'


def take_turn(turn: int) -> bool:
    """Whether this chunk is ours to carry: a message that comes twice finds the first at work.

    Held by the connection, so that whoever dies lets go of it.
    """
    return bool(execute(statements.TAKE_TURN, {"turn": turn}).fetchone()[0])  # type: ignore[index]


def end_turn(turn: int) -> None:
    execute(statements.END_TURN, {"turn": turn})


def clock() -> datetime:
    """The database's: what is due is judged by one clock, however wrong a worker's own may be."""
    now: datetime = execute("SELECT clock_timestamp()").fetchone()[0]  # type: ignore[index]
    return now
