-- name: read
-- The time, and what was believed of it before.
INSERT INTO clock AS kept (known) VALUES (clock_timestamp())
ON CONFLICT (single) DO UPDATE SET known = kept.known
RETURNING clock_timestamp() AS now, known, doubted, accepted

-- name: show
-- The time, what was believed of it before, and who said last that it is right.
SELECT clock_timestamp() AS now, known, doubted, accepted, accepted_by, accepted_because FROM clock

-- name: believe
-- Nothing speaks against this time.
UPDATE clock SET known = greatest(known, $1), doubted = NULL
WHERE doubted IS NOT NULL OR known < $1

-- name: doubt
-- Something speaks against this time; the first one stays.
UPDATE clock SET doubted = $1 WHERE doubted IS NULL

-- name: accept
-- Somebody says that the time is right.
INSERT INTO clock AS kept (known, accepted, accepted_by, accepted_because)
VALUES (clock_timestamp(), 1, $1, $2)
ON CONFLICT (single) DO UPDATE
SET known = clock_timestamp(), doubted = NULL, accepted = kept.accepted + 1, accepted_by = $1,
    accepted_because = $2
