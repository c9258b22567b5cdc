-- name: put_due
-- The last days of some reviews; who settles where two differ has a later one.
INSERT INTO review_deadline (decision, due)
SELECT * FROM unnest($1::bytea[], $2::date[])
ORDER BY 1
ON CONFLICT (decision) DO UPDATE SET due = excluded.due WHERE review_deadline.due < excluded.due

-- name: put_done
-- Which reviews are done, and which are to be done again.
UPDATE review_deadline SET done = batch.done
FROM unnest($1::bytea[], $2::boolean[]) AS batch (decision, done)
WHERE review_deadline.decision = batch.decision
