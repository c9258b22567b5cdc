-- name: keep_case_events
-- Keeps what happened to cases; what is repeated is kept once.
-- $1 is a list of rows: case, sequence, type, time, facts.
INSERT INTO case_event (case_ref, sequence, type, at, data)
SELECT row->>0, (row->>1)::bigint, row->>2, (row->>3)::timestamptz, row->4
FROM jsonb_array_elements($1::jsonb) AS row
ON CONFLICT DO NOTHING

-- name: decisions_of_case
-- All decisions of the case that a decision fell in.
SELECT every.decision_id, every.case_ref, every.type_code, every.stratum, every.decided_at, every.facts
FROM decision AS asked JOIN decision AS every USING (case_ref)
WHERE asked.decision_id = $1 ORDER BY every.decided_at

-- name: events_of_case
-- What happened to a case.
SELECT case_ref, sequence, type, at, data FROM case_event WHERE case_ref = $1 ORDER BY sequence

-- name: decisions_of_cases
-- All decisions of some cases.
SELECT decision_id, case_ref, type_code, stratum, decided_at, facts FROM decision
WHERE case_ref = ANY($1::text[]) ORDER BY case_ref, decided_at

-- name: events_of_cases
-- What happened to some cases.
SELECT case_ref, sequence, type, at, data FROM case_event
WHERE case_ref = ANY($1::text[]) ORDER BY case_ref, sequence

-- name: forget_case_events
-- Forgets what happened long ago, unless a decision of the case still waits for its review.
WITH due AS (
    SELECT case_ref, sequence FROM case_event AS old
    WHERE at < now() - $1::interval AND NOT EXISTS (
        SELECT FROM decision JOIN draw USING (decision_id)
        LEFT JOIN review USING (decision_id)
        WHERE decision.case_ref = old.case_ref AND review.closed_at IS NULL)
    LIMIT $2 FOR UPDATE SKIP LOCKED
), forgotten AS (
    DELETE FROM case_event USING due
    WHERE case_event.case_ref = due.case_ref AND case_event.sequence = due.sequence
    RETURNING due.sequence
)
SELECT count(*) FROM forgotten
