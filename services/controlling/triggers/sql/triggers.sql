-- name: wait_for_decisions
-- Remembers since when cases wait; the first application of a case counts.
INSERT INTO waiting_case (case_ref, since) SELECT * FROM unnest($1::text[], $2::timestamptz[])
ON CONFLICT DO NOTHING

-- name: end_waiting
-- Forgets cases that are decided or over; gives since when they waited.
DELETE FROM waiting_case WHERE case_ref = ANY(string_to_array($1, ' ')) RETURNING case_ref, since

-- name: law_changes
-- All changes of law. Who has read them ends before another one is entered.
SELECT type_code, valid_from FROM law_change

-- name: hold_law_changes
-- Waits for those who register by the changes known so far, and lets nobody else begin.
LOCK TABLE law_change IN ACCESS EXCLUSIVE MODE

-- name: enter_law_changes
-- Enters changes of law.
INSERT INTO law_change (type_code, valid_from) SELECT * FROM unnest($1::text[], $2::date[])
ON CONFLICT DO NOTHING

-- name: decided_under
-- Decisions of a type from one moment to before another.
SELECT decision_id FROM decision
WHERE type_code = $1 AND decided_at >= $2 AND decided_at < $3 ORDER BY decision_id
