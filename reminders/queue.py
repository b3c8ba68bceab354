"""The queue in PostgreSQL: claimed, looked at once more, noted. A hundred at a time, in few statements.

Written in SQL and not with models: every message comes along here, and models would cost more than the database.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any, NamedTuple

import psycopg
from django.db import connection

from reminders import tallies

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
    batch_name: str
    is_archived: bool
    owner_id: str
    is_active: bool
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
    batch_name: str
    message: str


# From where the dead rows of what was sent end.
DUE_FIRST = """
    SELECT id, alert_at AS at FROM reminders_reminder
    WHERE status = 'waiting' AND alert_at <= %(until)s
        AND alert_at > coalesce((SELECT nothing_before FROM reminders_heartbeat WHERE name = 'tick'), to_timestamp(0))
        AND alert_at >= %(since)s AND (leased_until IS NULL OR leased_until <= %(now)s)
    ORDER BY alert_at, id LIMIT 100 FOR UPDATE SKIP LOCKED
"""
AGAIN_FIRST = """
    SELECT id, again_at AS at FROM reminders_reminder
    WHERE status = 'sent' AND again_at <= %(until)s
        AND (leased_until IS NULL OR leased_until <= %(now)s)
    ORDER BY again_at LIMIT 100 FOR UPDATE SKIP LOCKED
"""
CLAIM = """
    WITH first AS MATERIALIZED ({first})
    UPDATE reminders_reminder r SET leased_until = %(lease)s, claims = least(r.claims + 1, 1000)
    FROM first WHERE r.id = first.id RETURNING r.id::text, first.at, r.claims
"""
CLAIM_DUE, CLAIM_AGAIN = CLAIM.format(first=DUE_FIRST), CLAIM.format(first=AGAIN_FIRST)

IN_HAND = """
    SELECT count(*) FROM (
        SELECT FROM reminders_reminder
        WHERE status = 'waiting' AND alert_at <= %(until)s AND leased_until > %(now)s
        AND alert_at > coalesce((SELECT nothing_before FROM reminders_heartbeat WHERE name = 'tick'), to_timestamp(0))
        LIMIT %(most)s
    ) AS in_hand
"""
FACT = """
    r.id::text, r.status, r.round, r.attempts, r.claims, r.priority, r.message, r.why, r.due_at,
    coalesce(r.snoozed_until, r.due_at), CASE r.status WHEN 'sent' THEN r.again_at ELSE r.alert_at END,
    r.sent_at, r.batch_id, b.name, b.status = 'archived', u.id::text, u.is_active, u.email,
    u.timezone, u.quiet_from, u.quiet_until, u.paused_until, u.email_when, u.email_failed_at IS NOT NULL,
    u.nag_every, d.id, d.platform, d.address, nullif(d.keys, '{}')
"""
OWNER = """
    JOIN batches_batch b ON b.id = r.batch_id
    JOIN accounts_user u ON u.id = r.owner_id
    LEFT JOIN accounts_device d
        ON d.user_id = u.id AND d.address <> '' AND d.disabled_at IS NULL AND u.push_on
"""
FACTS = f"""
    SELECT {FACT} FROM reminders_reminder r {OWNER}
    WHERE r.id = ANY(%(ids)s::uuid[]) AND r.leased_until = %(lease)s AND r.status IN ('waiting', 'sent')
"""  # noqa: S608 nothing in it comes from outside
TAKE = f"""
    WITH first AS MATERIALIZED ({DUE_FIRST}), r AS (
        UPDATE reminders_reminder t SET leased_until = %(lease)s, claims = least(t.claims + 1, 1000)
        FROM first WHERE t.id = first.id RETURNING t.*
    )
    SELECT {FACT} FROM r {OWNER}
"""  # noqa: S608
EARLIER = """
    SELECT reminder_id::text, round, channel, address, status, attempts, next_try_at, uncertain, error, created_at
    FROM reminders_delivery WHERE reminder_id = ANY(%(ids)s::uuid[])
"""
NOTE = """
    INSERT INTO reminders_delivery (reminder_id, round, channel, address, status, attempts, next_try_at,
        uncertain, error, ticket, receipt_due_at, sent_at, created_at)
    SELECT one.*, CASE WHEN ticket <> '' THEN %(now)s::timestamptz + %(receipt_after)s END,
        CASE status WHEN 'sent' THEN %(now)s END, %(now)s
    FROM unnest(
        %(noted_reminder_id)s::uuid[], %(noted_round)s::int2[], %(noted_channel)s::text[], %(noted_address)s::text[],
        %(noted_status)s::text[], %(noted_attempts)s::int2[], %(noted_next_try_at)s::timestamptz[],
        %(noted_uncertain)s::bool[], %(noted_error)s::text[], %(noted_ticket)s::text[])
        AS one (reminder_id, round, channel, address, status, attempts, next_try_at, uncertain, error, ticket)
    ON CONFLICT (reminder_id, round, channel, address) DO UPDATE SET
        status = excluded.status, attempts = excluded.attempts, next_try_at = excluded.next_try_at,
        uncertain = excluded.uncertain, error = excluded.error, ticket = excluded.ticket,
        receipt_due_at = excluded.receipt_due_at, sent_at = excluded.sent_at
"""
# Only what is still in our hands: what its keeper finished or put off meanwhile stays as they said.
END = """
    UPDATE reminders_reminder r SET
        status = one.status, round = one.round, attempts = one.attempts,
        sent_at = CASE WHEN one.is_told THEN %(now)s ELSE r.sent_at END,
        held_until = coalesce(one.held_until, r.held_until), again_at = one.again_at, error = one.error,
        leased_until = NULL, claims = 0
    FROM unnest(
        %(ended_reminder_id)s::uuid[], %(ended_status)s::text[], %(ended_round)s::int2[], %(ended_attempts)s::int2[],
        %(ended_is_told)s::bool[], %(ended_held_until)s::timestamptz[], %(ended_again_at)s::timestamptz[],
        %(ended_error)s::text[])
        AS one (reminder_id, status, round, attempts, is_told, held_until, again_at, error)
    WHERE r.id = one.reminder_id AND r.leased_until = %(lease)s AND r.status IN ('waiting', 'sent')
"""
# Deliveries, what they mean for their reminders, and what is counted: in one statement, all or none.
SETTLE = f"WITH noted AS ({NOTE}), counted AS ({tallies.ADD}) {END}"
RELEASE = """
    UPDATE reminders_reminder SET leased_until = NULL WHERE id = ANY(%(ids)s::uuid[]) AND leased_until = %(lease)s
"""
COUNT_TRY = """
    UPDATE reminders_reminder SET attempts = attempts + 1 WHERE id = ANY(%(ids)s::uuid[]) AND leased_until = %(lease)s
"""
TO_DO = """
    SELECT r.owner_id::text, r.id::text, r.status, b.name, r.message
    FROM reminders_reminder r JOIN batches_batch b ON b.id = r.batch_id
    WHERE r.owner_id = ANY(%(owners)s::uuid[]) AND r.status IN ('waiting', 'sent') AND r.alert_at <= %(now)s
        AND b.status <> 'archived'
    ORDER BY r.priority, r.due_at
"""
NAGGED_ALREADY = """
    UPDATE reminders_reminder SET again_at = %(at)s
    WHERE id = ANY(%(ids)s::uuid[]) AND status = 'sent' AND again_at IS NOT NULL
        AND (leased_until IS NULL OR leased_until <= %(now)s)
"""
RENEW = """
    UPDATE reminders_reminder SET leased_until = %(new)s
    WHERE id = ANY(%(ids)s::uuid[]) AND leased_until = %(lease)s AND status IN ('waiting', 'sent')
"""
TAKE_TURN = "SELECT pg_try_advisory_lock(%(turn)s)"
END_TURN = "SELECT pg_advisory_unlock(%(turn)s)"
LOOK_FROM = """
    UPDATE reminders_heartbeat SET nothing_before = least(%(at)s, (
        SELECT alert_at - interval '1 microsecond' FROM reminders_reminder
        WHERE status = 'waiting' ORDER BY alert_at LIMIT 1
    )) WHERE name = 'tick'
"""
BEAT = """
    INSERT INTO reminders_heartbeat AS known (name, beat_at, nothing_before)
    VALUES ('tick', clock_timestamp(), to_timestamp(0))
    ON CONFLICT (name) DO UPDATE SET beat_at = clock_timestamp() WHERE known.beat_at <= clock_timestamp() - %(rest)s
    RETURNING beat_at
"""


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
    row = execute(BEAT, {"rest": rest}).fetchone()
    return row[0] if row else None


def look_from_the_first(*, now: datetime) -> None:
    """Begin with the first that waits, so that a million dead rows before it are walked over once and not each time."""
    execute(LOOK_FROM, {"at": now - STILL_WRITING})


def claim(*, now: datetime, until: datetime, since: datetime = LONG_AGO, again: bool = False) -> Chunk | None:
    """Take the first of what is to go until then and is in nobody's hands. Several may claim at once.

    `since`: whoever has just claimed what comes before need not walk over it again.
    """
    lease = now + LEASE
    rows = execute(
        CLAIM_AGAIN if again else CLAIM_DUE, {"now": now, "until": until, "since": since, "lease": lease}
    ).fetchall()
    claimed = sorted(map(Claimed._make, rows), key=lambda one: one.alert_at)
    return Chunk(lease, claimed) if claimed else None


def take(*, now: datetime, since: datetime = LONG_AGO) -> tuple[datetime, list[Fact]]:
    """Claim the first of what is due and know all about it at once, to be carried there and then; and the lease."""
    lease = now + LEASE
    rows = execute(TAKE, {"now": now, "until": now, "since": since, "lease": lease})
    return lease, [Fact._make(row) for row in rows]


def in_hand(*, now: datetime, until: datetime, most: int) -> int:
    """How many are claimed and have no outcome yet; `most` when it is more."""
    return int(execute(IN_HAND, {"now": now, "until": until, "most": most}).fetchone()[0])  # type: ignore[index]


def release(ids: Sequence[str], lease: datetime) -> None:
    """Nobody takes them up: let the next tick."""
    execute(RELEASE, {"ids": array(ids), "lease": lease})


def facts(ids: Sequence[str], lease: datetime) -> list[Fact]:
    """Of those that are still ours; several in a row of one reminder whose owner has several devices."""
    return [Fact._make(row) for row in execute(FACTS, {"ids": array(ids), "lease": lease})]


def earlier(ids: Sequence[str]) -> list[Earlier]:
    return [Earlier._make(row) for row in execute(EARLIER, {"ids": array(ids)})]


def renew(ids: Sequence[str], lease: datetime, *, now: datetime) -> datetime:
    """The lease under which those that are still ours stay so; the others fall out by their old one."""
    new = now + LEASE
    execute(RENEW, {"ids": array(ids), "lease": lease, "new": new})
    return new


def count_try(ids: Sequence[str], lease: datetime) -> None:
    """Before the try and not after it: it may be the last thing its worker does."""
    execute(COUNT_TRY, {"ids": array(ids), "lease": lease})


def to_do(owners: Sequence[str], *, now: datetime) -> list[ToDo]:
    """What they were told or should have been, and have not done; what matters most first."""
    return [ToDo._make(row) for row in execute(TO_DO, {"owners": array(owners), "now": now})]


def nagged_already(ids: Sequence[str], *, at: datetime, now: datetime) -> None:
    """They were listed in another one's nag: their own comes with the next."""
    execute(NAGGED_ALREADY, {"ids": array(ids), "at": at, "now": now})


def settle(
    noted: Sequence[Noted],
    endings: Sequence[Ending],
    *,
    lease: datetime,
    added: Counter[tuple[str, str]],
    now: datetime,
) -> None:
    """Note what became of deliveries, and let go of their reminders, if they are still in our hands."""
    # In one order, whoever else locks several of them: so nobody waits in a circle.
    in_order = sorted(endings, key=lambda one: one.reminder_id)
    figures = [(*key, value) for key, value in added.items()]
    execute(
        SETTLE,
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
    if "\\" in text or '"' in text:
        text = text.replace("\\", r"\\").replace('"', r"\"")
    return f'"{text}"'


def take_turn(turn: int) -> bool:
    """Whether this chunk is ours to carry: a message that comes twice finds the first at work.

    Held by the connection, so that whoever dies lets go of it.
    """
    return bool(execute(TAKE_TURN, {"turn": turn}).fetchone()[0])  # type: ignore[index]


def end_turn(turn: int) -> None:
    execute(END_TURN, {"turn": turn})


def clock() -> datetime:
    """The database's: what is due is judged by one clock, however wrong a worker's own may be."""
    now: datetime = execute("SELECT clock_timestamp()").fetchone()[0]  # type: ignore[index]
    return now
