"""The statements of the queue. All take a hundred at a time; what is due is looked for from where dead rows end."""

from reminders import tallies

# From where the dead rows of what was sent end.
DUE_FIRST = """
    SELECT ctid, alert_at AS at FROM reminders_reminder
    WHERE status = 'waiting' AND alert_at <= %(until)s
        AND alert_at > coalesce((SELECT nothing_before FROM reminders_heartbeat WHERE name = 'tick'), to_timestamp(0))
        AND alert_at >= %(since)s AND (leased_until IS NULL OR leased_until <= %(now)s)
    ORDER BY alert_at, id LIMIT 100 FOR UPDATE SKIP LOCKED
"""
AGAIN_FIRST = """
    SELECT ctid, again_at AS at FROM reminders_reminder
    WHERE status = 'sent' AND again_at <= %(until)s
        AND (leased_until IS NULL OR leased_until <= %(now)s)
    ORDER BY again_at LIMIT 100 FOR UPDATE SKIP LOCKED
"""
CLAIM = """
    WITH first AS MATERIALIZED ({first})
    UPDATE reminders_reminder r SET leased_until = %(lease)s, claims = least(r.claims + 1, 1000)
    FROM first WHERE r.ctid = first.ctid RETURNING r.id::text, first.at, r.claims
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
    r.sent_at, coalesce(r.batch_id, ''), coalesce(r.grains_id::text, ''), coalesce(b.name, g.name),
    coalesce(b.status = 'archived', g.status = 'gone'), u.id::text, u.is_active, u.erase_at IS NOT NULL, u.email,
    u.timezone, u.quiet_from, u.quiet_until, u.paused_until, u.email_when, u.email_failed_at IS NOT NULL,
    u.nag_every, d.id, d.platform, d.address, nullif(d.keys, '{}'),
    u.has_webhooks, u.language
"""
OWNER = """
    LEFT JOIN batches_batch b ON b.id = r.batch_id
    LEFT JOIN batches_grains g ON g.id = r.grains_id
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
        FROM first WHERE t.ctid = first.ctid RETURNING t.*
    )
    SELECT {FACT} FROM r {OWNER}
"""  # noqa: S608
EARLIER = """
    SELECT reminder_id::text, round, channel, address, status, attempts, next_try_at, uncertain, error, created_at
    FROM reminders_delivery WHERE reminder_id = ANY(%(ids)s::uuid[])
"""
FIRST_NOTE = """
    INSERT INTO reminders_delivery (reminder_id, round, channel, address, status, attempts, next_try_at,
        uncertain, error, ticket, receipt_due_at, sent_at, created_at)
    SELECT one.*, CASE WHEN ticket <> '' THEN %(now)s::timestamptz + %(receipt_after)s END,
        CASE status WHEN 'sent' THEN %(now)s END, %(now)s
    FROM unnest(
        %(noted_reminder_id)s::uuid[], %(noted_round)s::int2[], %(noted_channel)s::text[], %(noted_address)s::text[],
        %(noted_status)s::text[], %(noted_attempts)s::int2[], %(noted_next_try_at)s::timestamptz[],
        %(noted_uncertain)s::bool[], %(noted_error)s::text[], %(noted_ticket)s::text[])
        AS one (reminder_id, round, channel, address, status, attempts, next_try_at, uncertain, error, ticket)
"""
NOTE = f"""
    {FIRST_NOTE} ON CONFLICT (reminder_id, round, channel, address) DO UPDATE SET
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
SETTLE_FIRST = f"WITH noted AS ({FIRST_NOTE}), counted AS ({tallies.ADD}) {END}"
RELEASE = """
    UPDATE reminders_reminder SET leased_until = NULL WHERE id = ANY(%(ids)s::uuid[]) AND leased_until = %(lease)s
"""
COUNT_TRY = """
    UPDATE reminders_reminder SET attempts = attempts + 1 WHERE id = ANY(%(ids)s::uuid[]) AND leased_until = %(lease)s
"""
TO_DO = """
    SELECT r.owner_id::text, r.id::text, r.status, coalesce(b.name, g.name), r.message
    FROM reminders_reminder r
        LEFT JOIN batches_batch b ON b.id = r.batch_id LEFT JOIN batches_grains g ON g.id = r.grains_id
    WHERE r.owner_id = ANY(%(owners)s::uuid[]) AND r.status IN ('waiting', 'sent') AND r.alert_at <= %(now)s
        AND coalesce(b.status <> 'archived', g.status <> 'gone')
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
