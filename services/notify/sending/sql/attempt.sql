-- name: claim
-- Takes a channel's messages that are due, also those whose sender's lease ended, for one lease.
-- Urgent ones go first: backwards in the alphabet. Held ones are passed over.
WITH due AS (
    SELECT id
    FROM message
    WHERE channel = $1 AND due_at <= now() AND state = ANY($4::text[])
      AND voided IS NULL AND (expires_at IS NULL OR expires_at > now())
      AND id <> ALL($5::uuid[])
    ORDER BY lane DESC, due_at
    LIMIT $2
    FOR UPDATE SKIP LOCKED
), claimed AS (
    UPDATE message
    SET state = 'sending', attempts = attempts + 1, due_at = now() + $3::interval
    FROM due
    WHERE message.id = due.id
    RETURNING message.*
)
SELECT id, name, case_ref, claimed.contact_ref, channel, claimed.language, facts, cause_id,
       traceparent, attempts, lane, planned_at, expires_at, provider,
       coalesce(about, case_ref) AS about, coalesce(sequence, 0) AS sequence, coalesce(thread, id) AS thread, sealed,
       contact.ciphertext, contact_key.wrapped_key, standing, capacity, on_behalf_of,
       person.ciphertext AS person_ciphertext, person_key.wrapped_key AS person_key
FROM claimed
LEFT JOIN contact USING (contact_ref)
LEFT JOIN contact_key USING (contact_ref)
LEFT JOIN contact AS person ON person.contact_ref = on_behalf_of
LEFT JOIN contact_key AS person_key ON person_key.contact_ref = on_behalf_of
LEFT JOIN case_standing USING (case_ref)

-- name: ended
-- Those of some messages that nobody sends any more.
SELECT id FROM message WHERE id = ANY($1::uuid[]) AND ended_at IS NOT NULL

-- name: record
-- Moves claimed messages on. Nothing happens to one that was claimed again meanwhile, or whose step
-- ('before after') the table of transitions doesn't hold. Without a delay, a message ends.
WITH outcome AS (
    SELECT *
    FROM unnest($1::uuid[], $2::integer[], $3::text[], $4::text[], $5::interval[], $7::text[],
                $8::bytea[], $9::bytea[], $10::bytea[], $11::text[])
         AS batch (id, attempt, state, reason, delay, provider, digest, edition, sealed, why)
)
UPDATE message
SET state = outcome.state,
    reason = outcome.reason,
    why = outcome.why,
    due_at = now() + outcome.delay,
    ended_at = CASE WHEN outcome.delay IS NULL THEN now() END,
    provider = outcome.provider,
    accepted_at = CASE WHEN outcome.state = 'accepted' THEN now() END,
    digest = coalesce(outcome.digest, message.digest),
    edition = coalesce(outcome.edition, message.edition),
    sealed = coalesce(outcome.sealed, message.sealed),
    facts = CASE WHEN outcome.sealed IS NULL THEN facts ELSE '[]' END
FROM outcome
WHERE message.id = outcome.id
  AND message.attempts = outcome.attempt
  AND message.state || ' ' || outcome.state = ANY($6::text[])
RETURNING message.id

-- name: keep_overtaken
-- Keeps copies of messages that were reported before their outcome was recorded.
UPDATE message
SET digest = batch.digest, edition = batch.edition, sealed = batch.sealed, facts = '[]'
FROM unnest($1::uuid[], $2::integer[], $3::bytea[], $4::bytea[], $5::bytea[])
     AS batch (id, attempt, digest, edition, sealed)
WHERE message.id = batch.id
  AND message.attempts = batch.attempt
  AND message.digest IS NULL
  AND message.contact_ref IS NOT NULL
