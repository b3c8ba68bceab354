"""People with their jars and what happened to them, by the thousand and by the million: made by SQL, not sent."""

import hashlib
import uuid

import psycopg

PER_USER = 100
PER_BATCH = 10
WORDS = "'{lemon,fig,ginger,raspberry,hibiscus,plain,mint,apple,pear,rhubarb,lime,cherry}'::text[]"

# Some time in the year until now, for number n.
EARLIER = "now() - (n %% 34273 * 7919 %% 8760) * interval '1 hour' - n %% 3600 * interval '1 s'"

PEOPLE = """
    INSERT INTO accounts_user (id, email, password, name, timezone, temperature_unit, volume_unit, is_superuser,
        is_staff, is_active, date_joined)
    SELECT md5('user' || n)::uuid, 'keeper' || n || '@example.com', '!' || n, '', 'UTC', 'C', 'ml', false, false,
        true, now()
    FROM generate_series(1, %(users)s) n
"""
# Every second one is put away. Nobody's are neighbours, neither in the table nor in time, as it is when all have kept
# jars for a year.
JARS = f"""
    INSERT INTO batches_batch (id, owner_id, name, culture, stage, status, status_before_archive, archived_at,
        water_volume_ml, sugar_grams, sugar_type, fruits, temperature_c, started_at, target_hours, bottle_kind,
        notes, is_public, public_note, version, created_at, updated_at, stamped_at)
    SELECT lpad(n::text, 12, '0'), md5('user' || n %% %(users)s + 1)::uuid,
        'Jar ' || n || ' with ' || ({WORDS})[n %% 12 + 1], 'water_kefir', 'open',
        CASE WHEN is_old THEN 'archived' ELSE 'active' END, CASE WHEN is_old THEN 'active' ELSE '' END,
        CASE WHEN is_old THEN at END, 1000 + n %% 500, 60.5, 'raw cane', ARRAY['lemon', 'fig'], 22.5, at, 48, '',
        'Two figs and ' || ({WORDS})[n %% 7 + 1] || ', turned once a day, number ' || n, false, '', 1, at, at, at
    FROM generate_series(1, %(users)s * {PER_USER}) n,
        LATERAL (SELECT {EARLIER} AS at, n / %(users)s %% 2 = 0 AS is_old) moment
"""
LINES = f"""
    INSERT INTO events_event (id, batch_id, kind, occurred_at, description, taste, data, created_at, updated_at,
        stamped_at)
    SELECT gen_random_uuid(), lpad((n %% (%(users)s * {PER_USER}) + 1)::text, 12, '0'), 'note', at,
        'Tasted it today, more sour than yesterday, number ' || n, '', '{{}}', at, at, at
    FROM generate_series(1, %(users)s * {PER_USER} * {PER_BATCH}) n,
        LATERAL (SELECT {EARLIER} AS at) moment
"""
# Of ten, nine were sent long ago.
DUE = f"""
    INSERT INTO reminders_reminder (id, batch_id, owner_id, kind, message, why, priority, due_at, follows_plan, status,
        sent_at, round, cancelled_with_batch, claims, attempts, error, created_at, stamped_at)
    SELECT gen_random_uuid(), lpad((n %% (%(users)s * {PER_USER}) + 1)::text, 12, '0'),
        md5('user' || (n %% (%(users)s * {PER_USER}) + 1) %% %(users)s + 1)::uuid, 'custom',
        'Taste it, number ' || n, '', 1, at, false,
        CASE WHEN n %% 10 = 0 THEN 'waiting' ELSE 'sent' END, at, 1, false, 0, 0, '', at, at
    FROM generate_series(1, %(users)s * {PER_USER} * {PER_BATCH}) n,
        LATERAL (SELECT now() + (n %% 10 * 30 - 270 + n %% 29) * interval '1 day' + n %% 86400 * interval '1 s' AS at
    ) moment
"""
LINES_OF_ONE = """
    INSERT INTO events_event (id, batch_id, kind, occurred_at, description, taste, ph, data, created_at, updated_at,
        stamped_at)
    SELECT gen_random_uuid(), %s, CASE n %% 5 WHEN 0 THEN 'measurement' ELSE 'note' END, at,
        'Tasted it, number ' || n, '', CASE n %% 5 WHEN 0 THEN 4.0 END, '{}', at, at, at
    FROM generate_series(1, 50) n, LATERAL (SELECT now() - n * interval '1 hour' AS at) moment
"""
DUE_OF_ONE = """
    INSERT INTO reminders_reminder (id, batch_id, owner_id, kind, message, why, priority, due_at, follows_plan, status,
        round, cancelled_with_batch, claims, attempts, error, created_at, stamped_at)
    SELECT gen_random_uuid(), %s, owner_id, 'custom', 'Taste it, number ' || n, '', 1, now() + n * interval '1 hour',
        false, 'waiting', 1, false, 0, 0, '', now(), now()
    FROM generate_series(1, 5) n, batches_batch WHERE batches_batch.id = %s
"""


def fill(connection: psycopg.Connection, *, users: int) -> None:
    """Each with a hundred jars, and each jar with ten lines and ten reminders; no look at foreign keys, no triggers."""
    connection.execute("SET session_replication_role = replica")
    for statement in (PEOPLE, JARS, LINES, DUE):
        connection.execute(statement, {"users": users})
    connection.execute("SET session_replication_role = DEFAULT")
    connection.execute("VACUUM ANALYZE")


def fill_bare(connection: psycopg.Connection, *, users: int) -> None:
    """The same, quicker for millions: indexes are made when all is there."""
    found = connection.execute(
        "SELECT indexname, indexdef FROM pg_indexes JOIN pg_class ON relname = indexname"
        " JOIN pg_index ON indexrelid = pg_class.oid WHERE NOT indisunique AND tablename = ANY(%s)",
        [["batches_batch", "events_event", "reminders_reminder"]],
    ).fetchall()
    for name, _ in found:
        connection.execute(f'DROP INDEX "{name}"')
    fill(connection, users=users)
    connection.execute("SET maintenance_work_mem = '512MB'")
    for _, made in found:
        connection.execute(made)
    connection.execute("VACUUM ANALYZE")


def fill_page(connection: psycopg.Connection, batch: str) -> None:
    """Fifty lines and five reminders to come, shared with strangers."""
    connection.execute("SET session_replication_role = replica")
    connection.execute("DELETE FROM events_event WHERE batch_id = %s", [batch])
    connection.execute("DELETE FROM reminders_reminder WHERE batch_id = %s", [batch])
    connection.execute(LINES_OF_ONE, [batch])
    connection.execute(DUE_OF_ONE, [batch, batch])
    connection.execute("UPDATE batches_batch SET is_public = true WHERE id = %s", [batch])
    connection.execute("SET session_replication_role = DEFAULT")


def user_id(number: int) -> uuid.UUID:
    """As md5('user' || number)::uuid."""
    return uuid.UUID(hashlib.md5(f"user{number}".encode(), usedforsecurity=False).hexdigest())


def batch_id(user: int, number: int, *, users: int) -> str:
    """The open ones have odd numbers."""
    return f"{number * users + user - 1 or PER_USER * users:012d}"
