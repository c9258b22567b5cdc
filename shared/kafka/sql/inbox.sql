-- name: read_positions
-- Where the subjects of a batch stand, and which version of its row says so.
SELECT subject, last_sequence, parked, xmin AS version FROM inbox WHERE topic = $1 AND subject = ANY($2::text[])

-- name: advance
-- Moves subjects on, but only rows that nobody touched since they were read: a rival (zombie) makes
-- the count differ. It may have parked events without moving the subject, so the sequence won't do.
WITH step AS (
    SELECT subject, version, reached, subject = ANY($5::text[]) AS parked
    FROM unnest($2::text[], $3::xid[], $4::bigint[]) AS step (subject, version, reached)
), known AS (
    UPDATE inbox SET last_sequence = step.reached, parked = step.parked
    FROM step
    WHERE inbox.topic = $1 AND inbox.subject = step.subject
      AND inbox.xmin = step.version
    RETURNING inbox.subject
), fresh AS (
    INSERT INTO inbox (topic, subject, last_sequence, parked)
    SELECT $1, subject, reached, parked FROM step WHERE version IS NULL ORDER BY subject
    ON CONFLICT DO NOTHING
    RETURNING subject
)
SELECT (SELECT count(*) FROM known) + (SELECT count(*) FROM fresh)

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
