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

-- name: tasks
-- What a person still has to tell, the oldest first: who calls an applicant calls once, so what a
-- case missed for one reason is one entry, by its oldest message.
SELECT message, case_ref, name, reason, opened_at, amount
FROM (
    SELECT DISTINCT ON (case_ref, reason) thread, message, case_ref, name, reason, opened_at,
           count(*) OVER (PARTITION BY case_ref, reason) AS amount
    FROM task
    WHERE done_at IS NULL
    ORDER BY case_ref, reason, opened_at, thread
) AS oldest
ORDER BY opened_at, thread
LIMIT $1
