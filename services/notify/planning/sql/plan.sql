-- name: plan
-- Enters new messages; one that is known already stays as it is. One that waits for a day is
-- planned for that day, and its tries are counted from then on.
INSERT INTO message (
    id, name, cause, case_ref, contact_ref, channel, language, facts, traceparent, state, reason,
    about, sequence, expires_at, lane, planned_at, due_at, ended_at, thread, followed, sealed,
    wanted_at, capacity, on_behalf_of, cause_id, caused_at)
SELECT id, name, cause, case_ref, contact_ref, channel, language, '[]', traceparent, state, reason,
       about, sequence, expires_at, lane,
       CASE WHEN reason IS NULL THEN coalesce(leaves_at, now()) ELSE now() END,
       CASE WHEN reason IS NULL THEN coalesce(leaves_at, now()) END,
       CASE WHEN reason IS NOT NULL THEN now() END,
       thread, followed, sealed, wanted_at, capacity, on_behalf_of, cause_id, caused_at
FROM unnest(
         $1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
         $8::bytea[], $9::text[], $10::text[], $11::text[], $12::text[], $13::bigint[],
         $14::timestamptz[], $15::text[], $16::timestamptz[],
         $17::uuid[], $18::boolean[], $19::timestamptz[], $20::text[], $21::text[],
         $22::text[], $23::timestamptz[])
     AS batch (id, name, cause, case_ref, contact_ref, channel, language, sealed, traceparent,
               state, reason, about, sequence, expires_at, lane, leaves_at, thread, followed,
               wanted_at, capacity, on_behalf_of, cause_id, caused_at)
ON CONFLICT (id) DO NOTHING
RETURNING id

-- name: supersede
-- Ends messages that have become untrue. One that is being handed over can't be called back, nor one
-- that has left or failed: they are marked, so that they aren't tried again, nor on another way.
WITH voiding AS (
    SELECT *
    FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::timestamptz[], $6::text[])
         AS batch (case_ref, name, about, sequence, at_latest, reason)
), stopped AS (
    SELECT message.id, voiding.reason, message.state = ANY($7::text[]) AS waiting
    FROM message
    JOIN voiding USING (case_ref, name)
    WHERE message.state <> 'superseded' AND message.voided IS NULL
      AND message.about IN (voiding.about, voiding.case_ref)
      AND message.sequence < voiding.sequence
      AND (message.caused_at IS NULL OR message.caused_at <= voiding.at_latest)
    ORDER BY message.id
    FOR UPDATE OF message
)
UPDATE message
SET voided = stopped.reason,
    state = CASE WHEN waiting THEN 'superseded' ELSE state END,
    reason = CASE WHEN waiting THEN stopped.reason ELSE message.reason END,
    due_at = CASE WHEN NOT waiting THEN due_at END,
    ended_at = CASE WHEN waiting THEN now() ELSE ended_at END
FROM stopped
WHERE message.id = stopped.id
RETURNING message.id, message.name, channel, case_ref, cause_id, traceparent, state, message.reason

-- name: awaiting
-- Messages that wait for the contact data of these recipients.
SELECT id, name, contact_ref
FROM message
WHERE contact_ref = ANY($1::text[]) AND wanted_at IS NOT NULL AND state = 'held'
ORDER BY id
FOR UPDATE

-- name: route
-- Sends messages that waited for contact data on their way, or ends those for which there is none.
UPDATE message
SET channel = batch.channel,
    language = batch.language,
    state = CASE WHEN batch.reason IS NULL THEN 'held' ELSE 'suppressed' END,
    reason = batch.reason,
    planned_at = greatest(wanted_at, now()),
    due_at = CASE WHEN batch.reason IS NULL THEN greatest(wanted_at, now()) END,
    ended_at = CASE WHEN batch.reason IS NOT NULL THEN now() END,
    wanted_at = NULL
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[])
     AS batch (id, channel, language, reason)
WHERE message.id = batch.id
RETURNING message.id, name, message.channel, case_ref, cause_id, traceparent, state, message.reason

-- name: waiting_about
-- What waits in those cases of these people in which others are told, or were to be.
WITH shared AS (
    SELECT case_ref FROM case_party WHERE named_by = ANY($1::text[])
    UNION
    SELECT case_ref FROM message WHERE on_behalf_of = ANY($1::text[]) AND due_at IS NOT NULL
)
SELECT id, coalesce(thread, id) AS thread, name, case_ref, coalesce(sequence, 0) AS sequence,
       message.contact_ref, coalesce(on_behalf_of, message.contact_ref) AS person, sealed, channel, language,
       cause, cause_id, traceparent, coalesce(wanted_at, due_at) AS leaves_at, expires_at
FROM message
JOIN shared USING (case_ref)
JOIN case_recipient USING (case_ref)
WHERE case_recipient.contact_ref = ANY($1::text[])
  AND (message.contact_ref = case_recipient.contact_ref
       OR on_behalf_of = case_recipient.contact_ref)
  AND state = ANY($2::text[]) AND due_at IS NOT NULL AND voided IS NULL
ORDER BY id
FOR UPDATE OF message

-- name: turn_away
-- Ends messages that are no longer for their recipients.
UPDATE message
SET state = 'superseded', reason = 'replaced', due_at = NULL, ended_at = now(), wanted_at = NULL
WHERE id = ANY($1::uuid[])
RETURNING id, name, channel, case_ref, cause_id, traceparent, state, reason

-- name: move
-- Enters what one was to be told for another, who is told everything once.
INSERT INTO message (
    id, name, cause, case_ref, contact_ref, channel, language, facts, traceparent, state, about,
    sequence, expires_at, lane, planned_at, due_at, thread, followed, sealed, wanted_at, capacity,
    on_behalf_of, cause_id, caused_at)
SELECT moved.id, name, cause, case_ref, moved.contact_ref, channel, language, facts, traceparent,
       'held', about, sequence, expires_at, lane, moved.leaves_at, moved.leaves_at, moved.thread,
       false, moved.sealed, moved.wanted_at, moved.capacity, moved.on_behalf_of, cause_id,
       caused_at
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::bytea[],
            $8::timestamptz[], $9::timestamptz[])
     AS moved (id, source, thread, contact_ref, capacity, on_behalf_of, sealed, wanted_at,
               leaves_at)
JOIN message ON message.id = moved.source
WHERE NOT EXISTS (
    SELECT FROM message AS told
    WHERE told.case_ref = message.case_ref AND told.name = message.name
      AND told.sequence = message.sequence AND told.contact_ref = moved.contact_ref
      AND told.state <> 'superseded')
ON CONFLICT (id) DO NOTHING
RETURNING id
