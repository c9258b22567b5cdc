-- name: open_tasks
-- Opens tasks: one for each message that nobody got on any way.
INSERT INTO task (thread, message, case_ref, name, reason)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[])
ON CONFLICT (thread) DO NOTHING
RETURNING thread

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
