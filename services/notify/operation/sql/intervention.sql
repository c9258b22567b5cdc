-- name: lock_message
-- Keeps others from a message until the transaction ends.
SELECT FROM message WHERE id = $1 FOR UPDATE

-- name: for_intervention
-- A message that somebody wants to stop or to send again. Read after it was locked: a statement that
-- waits for a lock sees other tables as they were before.
SELECT message.id, name, channel, language, case_ref, message.contact_ref, traceparent, state,
       coalesce(thread, message.id) AS thread,
       voided IS NOT NULL OR state = 'superseded' AS untrue,
       coalesce(expires_at <= now(), false) AS too_late,
       due_at IS NULL AS has_ended,
       sealed IS NOT NULL AND EXISTS (
           SELECT FROM contact_key
           WHERE contact_key.contact_ref = message.contact_ref
             AND contact_key.created_at <= coalesce(accepted_at, ended_at, now())) AS readable,
       (SELECT successor FROM intervention
        WHERE intervention.message = message.id AND action = 'resent') AS successor,
       EXISTS (SELECT FROM intervention
               WHERE intervention.message = message.id AND action = 'stopped') AS stopped
FROM message
WHERE message.id = $1

-- name: stop
-- Ends a message that waits, if the table of transitions (given as states) lets it.
UPDATE message
SET state = 'suppressed', reason = 'stopped', due_at = NULL, ended_at = now()
WHERE id = $1 AND state = ANY($2::text[]) AND due_at IS NOT NULL
RETURNING id, name, channel, case_ref, cause_id, traceparent, state, reason

-- name: resend
-- Plans a message once more, under an identity of its own; it follows the earlier one.
INSERT INTO message (
    id, name, cause, case_ref, contact_ref, channel, language, facts, traceparent, state, about,
    sequence, expires_at, lane, due_at, thread, follows, followed, sealed, capacity, on_behalf_of,
    cause_id, caused_at)
SELECT $1, name, $3, case_ref, contact_ref, channel, language, facts, traceparent, 'planned',
       about, sequence, expires_at, lane, now(), coalesce(thread, id), id, false, sealed,
       capacity, on_behalf_of, cause_id, caused_at
FROM message
WHERE id = $2
ON CONFLICT (id) DO NOTHING

-- name: note_intervention
-- Writes down who did what with a message, and why.
INSERT INTO intervention (message, action, successor, by, because)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (message, action) DO NOTHING

-- name: task_of
-- The task about a message, and those of its case for the same reason, locked: they are told at once.
SELECT task.thread, task.thread = asked.thread AS asked, task.done_at IS NOT NULL AS done
FROM task AS asked
JOIN task USING (case_ref, reason)
WHERE asked.thread = (SELECT coalesce(thread, id) FROM message WHERE id = $1)
  AND (task.done_at IS NULL OR task.thread = asked.thread)
ORDER BY task.thread
FOR UPDATE OF task

-- name: finish_tasks
-- Closes tasks.
UPDATE task SET done_at = now() WHERE thread = ANY($1::uuid[]) AND done_at IS NULL
