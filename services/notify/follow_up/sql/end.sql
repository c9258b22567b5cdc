-- name: useless
-- Messages that are due and of no use: too late, or untrue since they were handed over in vain.
SELECT id
FROM message
WHERE due_at <= now() AND state = ANY($1::text[])
  AND (voided IS NOT NULL OR expires_at <= now())
  AND id <> ALL($2::uuid[])
ORDER BY due_at
LIMIT $3

-- name: end_useless
-- Ends some of them.
WITH useless AS (
    SELECT id
    FROM message
    WHERE due_at <= now() AND state = ANY($1::text[])
      AND (voided IS NOT NULL OR expires_at <= now())
      AND id = ANY($2::uuid[])
    ORDER BY id
    FOR UPDATE SKIP LOCKED
)
UPDATE message
SET state = CASE WHEN voided IS NULL THEN 'expired' ELSE 'superseded' END,
    reason = coalesce(voided, 'too_late'),
    due_at = NULL,
    ended_at = now()
FROM useless
WHERE message.id = useless.id
RETURNING message.id, name, channel, case_ref, cause_id, traceparent, state, reason

-- name: silent
-- Messages whose report of delivery is owed and didn't come in time.
SELECT id FROM message
WHERE due_at <= now() AND state = 'accepted' AND id <> ALL($1::uuid[])
ORDER BY due_at
LIMIT $2

-- name: expire_silent
-- Ends some of them.
WITH silent AS (
    SELECT id FROM message
    WHERE due_at <= now() AND state = 'accepted' AND id = ANY($1::uuid[])
    ORDER BY id
    FOR UPDATE SKIP LOCKED
)
UPDATE message
SET state = 'expired', reason = 'no_receipt', due_at = NULL, ended_at = now()
FROM silent
WHERE message.id = silent.id
RETURNING message.id, name, channel, case_ref, cause_id, traceparent, state, reason

-- name: missed
-- Messages that ended without delivery, and of which nobody has decided what follows.
SELECT id FROM message
WHERE NOT followed AND state IN ('bounced', 'expired', 'suppressed', 'failed')
  AND id <> ALL($1::uuid[])
ORDER BY ended_at
LIMIT $2

-- name: take_missed
-- Takes some of them, once, with the ways that were tried for their cause.
WITH ended AS (
    SELECT id FROM message
    WHERE NOT followed AND state IN ('bounced', 'expired', 'suppressed', 'failed')
      AND id = ANY($1::uuid[])
    ORDER BY id
    FOR UPDATE SKIP LOCKED
), taken AS (
    UPDATE message SET followed = true FROM ended WHERE message.id = ended.id
    RETURNING message.*
)
SELECT id, thread, name, case_ref, contact_ref, channel, language, lane, traceparent, state, reason,
       cause, cause_id, planned_at, expires_at, voided IS NOT NULL AS untrue,
       (SELECT array_agg(other.channel) FROM message AS other
        WHERE other.case_ref = taken.case_ref AND other.thread = taken.thread) AS tried
FROM taken

-- name: follow
-- Plans for messages what another way is to tell; one that is known already stays as it is.
INSERT INTO message (
    id, name, cause, case_ref, contact_ref, channel, language, facts, traceparent, state, about,
    sequence, expires_at, lane, due_at, thread, follows, followed, sealed, capacity, on_behalf_of,
    cause_id, caused_at)
SELECT next.id, name, cause, case_ref, contact_ref, next.channel, language, facts, traceparent,
       'planned', about, sequence, expires_at, lane, now(), thread, message.id, false, sealed,
       capacity, on_behalf_of, cause_id, caused_at
FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS next (id, follows, channel)
JOIN message ON message.id = next.follows
ON CONFLICT (id) DO NOTHING
RETURNING id
