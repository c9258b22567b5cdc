-- name: wait_for_decisions
-- Remembers what cases wait for, each application and each order of a court once.
INSERT INTO waiting_case (case_ref, since, service, ruled)
SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::boolean[])
ON CONFLICT DO NOTHING

-- name: take_waits
-- Takes away what cases wait for.
DELETE FROM waiting_case WHERE case_ref = ANY(string_to_array($1, ' '))
RETURNING case_ref, since, service, ruled

-- name: decided_since
-- For cases, one of their decisions from a moment on that isn't among $3, if there is one.
SELECT asked.case_ref, min(decision_id) AS decision_id
FROM unnest($1::text[], $2::timestamptz[]) AS asked (case_ref, since)
JOIN decision ON decision.case_ref = asked.case_ref AND decided_at >= since
    AND decision_id <> ALL(string_to_array($3, ' '))
GROUP BY asked.case_ref

-- name: waiting
-- All that cases wait for since before a moment, or since a court ruled; the longest first.
SELECT case_ref, since, service, ruled FROM waiting_case
WHERE ruled OR since < $1 ORDER BY since, case_ref, service

-- name: note_early
-- Notes what happened to decisions that aren't registered yet.
INSERT INTO early_cause (decision_id, kind, day)
SELECT * FROM unnest($1::text[], $2::text[], $3::date[]) AS batch (decision_id, kind, day)
WHERE NOT EXISTS (SELECT FROM decision WHERE decision.decision_id = batch.decision_id)
ON CONFLICT DO NOTHING

-- name: take_early
-- Takes what had happened to decisions before they were registered.
DELETE FROM early_cause WHERE decision_id = ANY(string_to_array($1, ' '))
RETURNING decision_id, kind, day

-- name: forget_early
-- Forgets what happened long ago to decisions that never came.
WITH due AS (
    SELECT decision_id, kind, day FROM early_cause WHERE noted_at < now() - $1::interval
    LIMIT $2 FOR UPDATE SKIP LOCKED
), forgotten AS (
    DELETE FROM early_cause USING due
    WHERE early_cause.decision_id = due.decision_id AND early_cause.kind = due.kind
      AND early_cause.day = due.day
    RETURNING due.day
)
SELECT count(*) FROM forgotten

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
