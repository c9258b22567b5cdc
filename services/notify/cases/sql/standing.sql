-- name: standings
-- How these cases stand.
SELECT case_ref, standing FROM case_standing WHERE case_ref = ANY($1::text[])

-- name: put_standings
-- Writes down how cases stand.
INSERT INTO case_standing (case_ref, standing)
SELECT case_ref, standing
FROM unnest($1::text[], $2::jsonb[]) AS batch (case_ref, standing)
ORDER BY case_ref
ON CONFLICT (case_ref) DO UPDATE SET standing = excluded.standing, changed_at = now()

-- name: drop_standings
-- Forgets how cases stand of which nothing matters any more.
DELETE FROM case_standing WHERE case_ref = ANY($1::text[])

-- name: empty_standings
-- Forgets how cases stand that nothing was heard of for long.
WITH due AS (
    SELECT case_ref FROM case_standing
    WHERE changed_at < now() - $1::interval
    LIMIT $2 FOR UPDATE SKIP LOCKED
), emptied AS (
    DELETE FROM case_standing USING due WHERE case_standing.case_ref = due.case_ref
    RETURNING due.case_ref
)
SELECT count(*) FROM emptied
