-- name: number_subjects
-- Reserves sequences for each subject; the row locks keep ids of one subject in commit order.
INSERT INTO stream_head (topic, subject, last_sequence)
SELECT topic, subject, amount
FROM unnest($1::text[], $2::text[], $3::bigint[]) AS batch (topic, subject, amount)
ORDER BY topic, subject
ON CONFLICT (topic, subject)
DO UPDATE SET last_sequence = stream_head.last_sequence + excluded.last_sequence
RETURNING topic, subject, last_sequence

-- name: write
-- Puts records into the outbox in the order given.
INSERT INTO outbox (topic, key, headers, value)
SELECT topic, key, headers, value
FROM unnest($1::text[], $2::bytea[], $3::bytea[], $4::bytea[])
     WITH ORDINALITY AS batch (topic, key, headers, value, position)
ORDER BY position
RETURNING id

-- name: read
-- The oldest records, in the order in which they must be sent, and when each was written, in
-- milliseconds since 1970. What stands behind a held one ($2) waits with it; a dismissed one ($3)
-- is passed over alone.
SELECT id, topic, key, headers, value, (extract(epoch FROM created_at) * 1000)::bigint AS written
FROM outbox
WHERE (topic, coalesce(key, '')) NOT IN
      (SELECT topic, coalesce(key, '') FROM outbox WHERE id = ANY($2::bigint[]))
  AND NOT id = ANY($3::bigint[])
ORDER BY id LIMIT $1

-- name: delete_sent
-- Forgets what the broker acknowledged: by id, never by cursor, for smaller ids may still commit.
DELETE FROM outbox WHERE id = ANY($1::bigint[])

-- name: depth
-- How many records wait, counted up to a limit.
SELECT count(*) FROM (SELECT FROM outbox LIMIT $1) AS waiting

-- name: lead
-- Takes the relay's lock of a service for this session, unless another one holds it.
SELECT pg_try_advisory_lock($1, hashtext($2))
