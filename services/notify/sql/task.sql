-- name: open_tasks
-- Opens tasks: one for each message that nobody got on any way.
INSERT INTO task (thread, message, case_ref, name, reason)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[])
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
