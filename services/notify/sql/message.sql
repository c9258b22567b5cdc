-- name: plan
-- Enters new messages; one that is known already stays as it is.
INSERT INTO message (
    id, name, cause, case_ref, contact_ref, channel, language, facts, traceparent, state, reason,
    due_at, ended_at)
SELECT id, name, cause, case_ref, contact_ref, channel, language, facts, traceparent, state, reason,
       CASE WHEN reason IS NULL THEN now() END,
       CASE WHEN reason IS NOT NULL THEN now() END
FROM unnest(
         $1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
         $8::jsonb[], $9::text[], $10::text[], $11::text[])
     AS batch (id, name, cause, case_ref, contact_ref, channel, language, facts, traceparent,
               state, reason)
ON CONFLICT (id) DO NOTHING
RETURNING id

-- name: claim
-- Takes the messages that are due, also those whose sender's lease ended, for one lease.
WITH due AS (
    SELECT id
    FROM message
    WHERE due_at <= now() AND state = ANY($3::text[])
    ORDER BY due_at
    LIMIT $1
    FOR UPDATE SKIP LOCKED
), claimed AS (
    UPDATE message
    SET state = 'sending', attempts = attempts + 1, due_at = now() + $2::interval
    FROM due
    WHERE message.id = due.id
    RETURNING message.*
)
SELECT id, name, case_ref, contact_ref, channel, claimed.language, facts, traceparent, attempts,
       planned_at, ciphertext, wrapped_key
FROM claimed
LEFT JOIN contact USING (contact_ref)
LEFT JOIN contact_key USING (contact_ref)

-- name: record
-- Moves claimed messages on. Nothing happens to one that was claimed again meanwhile, or whose
-- step the table of transitions (given as pairs) doesn't hold. Without a delay, a message ends.
WITH outcome AS (
    SELECT *
    FROM unnest($1::uuid[], $2::integer[], $3::text[], $4::text[], $5::interval[])
         AS batch (id, attempt, state, reason, delay)
)
UPDATE message
SET state = outcome.state,
    reason = outcome.reason,
    due_at = now() + outcome.delay,
    ended_at = CASE WHEN outcome.delay IS NULL THEN now() END
FROM outcome
WHERE message.id = outcome.id
  AND message.attempts = outcome.attempt
  AND (message.state, outcome.state) IN (SELECT * FROM unnest($6::text[], $7::text[]))
RETURNING message.id

-- name: counts
-- How many messages there are, by state and name.
SELECT state, name, count(*) AS amount FROM message GROUP BY state, name ORDER BY state, name
