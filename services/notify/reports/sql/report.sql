-- name: report
-- Moves messages on by what is reported of them, up the ladder of their channel, so that neither
-- order nor number of reports matter. One that waited for another try has left. Where a report of
-- delivery is owed, one that is only accepted waits for it, as long as its lane says.
-- Steps ('before after') are compared as text: joined as rows, the step from the state that a message
-- had before it was locked would hold on, and a report that met the record of its outcome was lost.
WITH report AS (
    SELECT * FROM unnest($2::uuid[], $3::text[], $4::text[]) AS batch (id, state, reason)
)
UPDATE message
SET state = report.state,
    reason = report.reason,
    due_at = CASE WHEN report.state = 'accepted' THEN
        now() + CASE lane WHEN 'urgent' THEN $6::interval ELSE $7::interval END END,
    ended_at = CASE WHEN report.state <> 'accepted' OR $7 IS NULL THEN now() END,
    accepted_at = coalesce(accepted_at, now())
FROM report
WHERE message.id = report.id
  AND message.channel = $1
  AND (provider = $8 OR $8 IS NULL)
  AND message.state || ' ' || report.state = ANY($5::text[])
RETURNING message.id, name, channel, case_ref, cause_id, traceparent, message.state, message.reason

-- name: close_tasks
-- Closes the tasks of messages that have arrived after all.
UPDATE task
SET done_at = now()
FROM message
WHERE message.id = ANY($1::uuid[]) AND task.thread = message.thread AND done_at IS NULL

-- name: end_superfluous
-- Ends what still waits on other ways of messages that have arrived after all.
UPDATE message
SET state = 'superseded', reason = 'arrived_before', due_at = NULL, ended_at = now()
FROM message AS arrived
WHERE arrived.id = ANY($1::uuid[])
  AND message.case_ref = arrived.case_ref
  AND message.thread = arrived.thread
  AND message.id <> arrived.id
  AND message.state = ANY($2::text[])
RETURNING message.id, message.name, message.channel, message.case_ref, message.cause_id,
          message.traceparent, message.state, message.reason

-- name: blame
-- Writes down what came back from addresses that are still the same.
INSERT INTO bounce (contact_ref, channel, address, hardness, message)
SELECT contact_ref, channel, addresses ->> channel, batch.hardness, id
FROM unnest($1::uuid[], $2::text[]) AS batch (id, hardness)
JOIN message USING (id)
JOIN contact USING (contact_ref)
WHERE addresses ? channel AND updated_at <= coalesce(accepted_at, now())
ON CONFLICT DO NOTHING
RETURNING contact_ref

-- name: suppress_waiting
-- Ends what waits for addresses that get nothing more.
UPDATE message
SET state = 'suppressed', reason = 'address_refused', due_at = NULL, ended_at = now()
FROM unnest($1::text[], $2::text[]) AS closed (contact_ref, channel)
WHERE message.contact_ref = closed.contact_ref
  AND message.channel = closed.channel
  AND due_at IS NOT NULL
  AND state = ANY($3::text[])
RETURNING message.id, name, message.channel, case_ref, cause_id, traceparent, state, reason
