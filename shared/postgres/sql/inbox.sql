-- name: read_positions
-- Where the subjects of a batch stand.
SELECT subject, last_sequence, parked FROM inbox WHERE topic = $1 AND subject = ANY($2::text[])

-- name: advance
-- Moves subjects on, but only from where they were read: a rival (zombie) makes the count differ.
WITH step AS (
    SELECT subject, expected, reached, subject = ANY($5::text[]) AS parked
    FROM unnest($2::text[], $3::bigint[], $4::bigint[]) AS step (subject, expected, reached)
), known AS (
    UPDATE inbox SET last_sequence = step.reached, parked = step.parked
    FROM step
    WHERE inbox.topic = $1 AND inbox.subject = step.subject
      AND inbox.last_sequence = step.expected
    RETURNING inbox.subject
), fresh AS (
    INSERT INTO inbox (topic, subject, last_sequence, parked)
    SELECT $1, subject, reached, parked FROM step WHERE expected IS NULL ORDER BY subject
    ON CONFLICT DO NOTHING
    RETURNING subject
)
SELECT (SELECT count(*) FROM known) + (SELECT count(*) FROM fresh)

-- name: park
-- Keeps events that came too early.
INSERT INTO parked (topic, subject, sequence, partition, "offset", headers, value)
SELECT $1, * FROM unnest($2::text[], $3::bigint[], $4::integer[], $5::bigint[], $6::bytea[], $7::bytea[])
ON CONFLICT DO NOTHING

-- name: read_parked
-- The waiting events of some subjects.
SELECT subject, sequence, partition, "offset", headers, value
FROM parked WHERE topic = $1 AND subject = ANY($2::text[]) ORDER BY subject, sequence

-- name: release
-- Forgets waiting events that have been applied.
DELETE FROM parked USING unnest($2::text[], $3::bigint[]) AS gone (subject, sequence)
WHERE parked.topic = $1 AND parked.subject = gone.subject AND parked.sequence = gone.sequence
