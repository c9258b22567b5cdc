-- name: open_tasks
-- Opens tasks about messages that nobody got on any way. One that is open stands for all messages of
-- its case that ended for the same reason: who calls an applicant calls once.
INSERT INTO task (thread, message, case_ref, name, reason)
SELECT DISTINCT ON (case_ref, reason) thread, message, case_ref, name, reason
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[]) WITH ORDINALITY
     AS asked (thread, message, case_ref, name, reason, position)
WHERE NOT EXISTS (
    SELECT FROM task
    WHERE task.case_ref = asked.case_ref AND task.reason = asked.reason AND done_at IS NULL)
ORDER BY case_ref, reason, position
ON CONFLICT (thread) DO NOTHING
RETURNING thread

-- name: close_tasks
-- Closes the tasks of messages that have arrived after all.
UPDATE task
SET done_at = now()
FROM message
WHERE message.id = ANY($1::uuid[]) AND task.thread = message.thread AND done_at IS NULL

-- name: task_of
-- The task about a message, locked, and whether it is done.
SELECT thread, done_at IS NOT NULL AS done FROM task
WHERE thread = (SELECT coalesce(thread, id) FROM message WHERE id = $1)
FOR UPDATE

-- name: finish_task
-- Closes a task.
UPDATE task SET done_at = now() WHERE thread = $1

-- name: tasks
-- What a person still has to tell, the oldest first.
SELECT thread, message, case_ref, name, reason, opened_at
FROM task
WHERE done_at IS NULL
ORDER BY opened_at, thread
LIMIT $1
