"""The statements of jobs. What is due is judged by the time that is handed in: the database's own."""

SLOTS = 64

ENQUEUE = """
    INSERT INTO work_job AS known
        (kind, key, payload, owner_id, state, due_at, attempts, error, created_at, request_id)
    VALUES (%(kind)s, %(key)s, %(payload)s, %(owner)s, 'waiting', %(due_at)s, 0, '', %(now)s, %(request_id)s)
    ON CONFLICT (kind, key) WHERE state = 'waiting' DO UPDATE SET
        payload = excluded.payload, request_id = excluded.request_id,
        due_at = CASE WHEN known.attempts = 0 THEN least(known.due_at, excluded.due_at) ELSE known.due_at END,
        again_at = CASE WHEN known.lease IS NOT NULL THEN least(known.again_at, excluded.due_at) END
    RETURNING *
"""
# Of each kind the one that has waited longest; the kind that the fewest are at goes first. So a flood of one kind,
# or one that takes long, holds up no other. The kinds are found by leaps through the index.
CLAIM = """
    WITH RECURSIVE kinds AS (
        (SELECT kind FROM work_job WHERE state = 'waiting' ORDER BY kind LIMIT 1)
        UNION ALL
        SELECT (
            SELECT job.kind FROM work_job job
            WHERE job.state = 'waiting' AND job.kind > kinds.kind ORDER BY job.kind LIMIT 1
        ) FROM kinds WHERE kinds.kind IS NOT NULL
    ), busy AS (
        SELECT kind, count(*) AS hands FROM work_job
        WHERE state = 'waiting' AND lease IS NOT NULL AND leased_until > %(now)s GROUP BY kind
    ), first AS MATERIALIZED (
        SELECT due.id
        FROM kinds
        LEFT JOIN busy USING (kind)
        LEFT JOIN unnest(%(limited)s::text[], %(at_once)s::int[]) AS most (kind, hands) USING (kind)
        CROSS JOIN LATERAL (
            SELECT job.id, job.due_at FROM work_job job
            WHERE job.state = 'waiting' AND job.kind = kinds.kind AND job.due_at <= %(now)s
                AND (job.leased_until IS NULL OR job.leased_until <= %(now)s)
                AND (most.hands IS NULL OR coalesce(busy.hands, 0) < most.hands)
            ORDER BY job.due_at, job.id LIMIT 1 FOR UPDATE SKIP LOCKED
        ) AS due
        ORDER BY coalesce(busy.hands, 0), due.due_at LIMIT 1
    )
    UPDATE work_job job SET
        lease = gen_random_uuid(), leased_until = %(now)s + %(lasts)s, attempts = job.attempts + 1,
        again_at = CASE WHEN job.again_at > %(now)s THEN job.again_at END
    FROM first WHERE job.id = first.id
    RETURNING job.id, job.kind, job.key, job.payload::text, job.owner_id, job.attempts, job.lease,
        job.request_id
"""
RENEW = """
    UPDATE work_job SET leased_until = clock_timestamp() + %(lasts)s
    WHERE id = %(id)s AND lease = %(lease)s
"""
# What became of it and the figure, both or neither; only while it is still in the hands of whoever says so.
SETTLE = f"""
    WITH ended AS (
        UPDATE work_job SET
            state = CASE WHEN %(outcome)s = 'retry' OR again_at IS NOT NULL THEN 'waiting' ELSE %(outcome)s END,
            ended_at = CASE WHEN %(outcome)s = 'retry' OR again_at IS NOT NULL THEN NULL ELSE %(now)s END,
            due_at = CASE WHEN %(outcome)s = 'retry' THEN %(due_at)s ELSE coalesce(again_at, due_at) END,
            attempts = CASE WHEN %(outcome)s <> 'retry' AND again_at IS NOT NULL THEN 0 ELSE attempts END,
            again_at = CASE WHEN %(outcome)s = 'retry' THEN again_at END,
            error = %(error)s, lease = NULL, leased_until = NULL
        WHERE id = %(id)s AND lease = %(lease)s
        RETURNING kind, state
    )
    INSERT INTO work_outcome AS known (kind, outcome, slot, count)
    SELECT kind, %(outcome)s, pg_backend_pid() %% {SLOTS}, 1 FROM ended
    ON CONFLICT (kind, outcome, slot) DO UPDATE SET count = known.count + 1
    RETURNING (SELECT state FROM ended)
"""  # noqa: S608 nothing in it comes from outside
# Not clock_timestamp(), which may change from row to row, so that no index could serve.
HOW_MANY_DUE = """
    SELECT count(*) FROM (
        SELECT FROM work_job
        WHERE state = 'waiting' AND due_at <= statement_timestamp()
            AND (leased_until IS NULL OR leased_until <= statement_timestamp())
        ORDER BY due_at LIMIT %(most)s
    ) AS due
"""
