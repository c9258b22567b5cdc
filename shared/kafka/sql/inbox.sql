-- name: read_positions
-- Where the subjects of a batch stand, and which version of its row says so.
SELECT subject, last_sequence, parked, xmin AS version FROM inbox WHERE topic = $1 AND subject = ANY(string_to_array($2, ' '))

-- name: advance
-- Moves subjects on, but only rows that nobody touched since they were read: a rival (zombie) makes
-- the count differ. It may have parked events without moving the subject, so the sequence won't do.
-- $2 is a list of rows: subject, sequence reached, whether parked, version read (null: no row yet).
INSERT INTO inbox (topic, subject, last_sequence, parked, replaced)
SELECT $1, step->>0, (step->>1)::bigint, (step->>2)::boolean, (step->>3)::xid
FROM jsonb_array_elements($2::jsonb) AS step
ORDER BY step->>0
ON CONFLICT (topic, subject) DO UPDATE
SET last_sequence = excluded.last_sequence, parked = excluded.parked, replaced = excluded.replaced
WHERE inbox.xmin = excluded.replaced

-- name: park
-- Keeps events that came too early.
INSERT INTO parked (topic, subject, sequence, partition, "offset", timestamp, headers, value)
SELECT $1, * FROM unnest($2::text[], $3::bigint[], $4::integer[], $5::bigint[], $6::bigint[],
    $7::bytea[], $8::bytea[])
ON CONFLICT DO NOTHING

-- name: read_parked
-- The waiting events of some subjects.
SELECT subject, sequence, partition, "offset", timestamp, headers, value
FROM parked WHERE topic = $1 AND subject = ANY($2::text[]) ORDER BY subject, sequence

-- name: release
-- Forgets waiting events up to where their subjects have come, however they came there.
DELETE FROM parked USING unnest($2::text[], $3::bigint[]) AS step (subject, reached)
WHERE parked.topic = $1 AND parked.subject = step.subject AND parked.sequence <= step.reached
