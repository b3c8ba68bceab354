"""The questions: what changed for those who look on, and whether they are still signed in.

In SQL, for hundreds of people at once. Whoever owns a batch is said by `Batch.objects.of`; here it is said again,
for many, and tests/live hold the two together.
"""

from live.changes import MOST_NAMED

# Of each shelf this much; who keeps more batches than that sees the others when they next load a page.
SHELF = 200
# One more than is named tells that there are too many to name.
AT_MOST = MOST_NAMED + 1


def changed(
    table: str, kind: str, *, of: str, batch: str = "''", looking: str = "asked", at: str = "stamped_at"
) -> str:
    """Only what the index holds is asked for, so that the rows themselves need not be read."""
    return f"""
        SELECT {looking}.owner_id::text, '{kind}', one.batch_id, one.{at} FROM {looking} CROSS JOIN LATERAL (
            SELECT {batch} AS batch_id, {at} FROM {table}
            WHERE {of} AND {at} >= {looking}.since ORDER BY {at} DESC LIMIT {AT_MOST}
        ) AS one
    """  # noqa: S608 nothing in it comes from outside


# Each part is served by an index in the order of the stamps, which the API's `updatedSince` uses too.
PARTS = [
    changed("batches_batch", "batch", of="owner_id = asked.owner_id", batch="id"),
    changed("batches_grains", "grains", of="owner_id = asked.owner_id"),
    changed("batches_tombstone", "gone", of="owner_id = asked.owner_id", at="gone_at"),
    changed("events_event", "event", of="batch_id = shelf.id", batch="shelf.id", looking="shelf"),
    changed("reminders_reminder", "reminder", of="batch_id = shelf.id", batch="shelf.id", looking="shelf"),
]
CHANGED = f"""
    WITH asked AS (
        SELECT * FROM unnest(%(owners)s::uuid[], %(since)s::timestamptz[]) AS asked (owner_id, since)
    ), shelf AS (
        SELECT asked.*, kept.id FROM asked CROSS JOIN LATERAL (
            SELECT id FROM batches_batch WHERE owner_id = asked.owner_id AND NOT status = 'archived'
            ORDER BY started_at DESC, id DESC LIMIT {SHELF}
        ) AS kept
    )
    {" UNION ALL ".join(PARTS)}
"""  # noqa: S608

SESSION = "SELECT session_data FROM django_session WHERE session_key = %(key)s AND expire_date > now()"
PERSON = "SELECT password FROM accounts_user WHERE id = %(id)s::uuid AND is_active"
STILL_HERE = """
    SELECT asked.session_key FROM unnest(%(keys)s::text[], %(owners)s::uuid[]) AS asked (session_key, owner_id)
    JOIN django_session session ON session.session_key = asked.session_key AND session.expire_date > now()
    JOIN accounts_user person ON person.id = asked.owner_id AND person.is_active
"""
