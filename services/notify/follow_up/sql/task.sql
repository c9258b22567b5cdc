-- name: open_tasks
-- Opens tasks: one for each message that nobody got on any way.
INSERT INTO task (thread, message, case_ref, name, reason)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[])
ON CONFLICT (thread) DO NOTHING
RETURNING thread

-- name: tasks
-- What a person still has to tell, the oldest first: who calls an applicant calls once, so what a
-- case missed for one reason is one entry, by its oldest message.
SELECT oldest.message, oldest.case_ref, oldest.name, oldest.reason, opened_at, amount, why
FROM (
    SELECT DISTINCT ON (case_ref, reason) thread, message, case_ref, name, reason, opened_at,
           count(*) OVER (PARTITION BY case_ref, reason) AS amount
    FROM task
    WHERE done_at IS NULL
    ORDER BY case_ref, reason, opened_at, thread
) AS oldest
LEFT JOIN message ON message.id = oldest.message
ORDER BY opened_at, oldest.thread
LIMIT $1
