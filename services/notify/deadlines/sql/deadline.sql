-- name: put_due
-- The last days of some reviews; who settles where two differ has a later one.
INSERT INTO review_deadline (decision, due)
SELECT * FROM unnest($1::bytea[], $2::date[])
ORDER BY 1
ON CONFLICT (decision) DO UPDATE SET due = excluded.due WHERE review_deadline.due < excluded.due

-- name: put_measures
-- Until when measures are to be carried out.
INSERT INTO measure_deadline (measure, due)
SELECT * FROM unnest($1::text[], $2::date[])
ORDER BY 1
ON CONFLICT (measure) DO UPDATE SET due = excluded.due

-- name: end_measures
-- Which measures were carried out or given up.
UPDATE measure_deadline SET done = true WHERE measure = ANY($1::text[])

-- name: put_done
-- Which reviews are done, and which are to be done again.
UPDATE review_deadline SET done = batch.done
FROM unnest($1::bytea[], $2::boolean[]) AS batch (decision, done)
WHERE review_deadline.decision = batch.decision
