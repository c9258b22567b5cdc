-- name: open_reviews
-- Reviews that aren't signed, by state: how many, how many of them should be by $1, since when.
SELECT state, count(*) AS amount, count(*) FILTER (WHERE due < $1) AS overdue, min(opened_at) AS since
FROM review WHERE state NOT IN ('signed', 'closed') GROUP BY state

-- name: open_promises
-- Periods that are promised and not closed.
SELECT key, first_day, last_day, opened_at, commitment, time_stamp, simulated
FROM period WHERE closed_at IS NULL ORDER BY first_day

-- name: last_closed
-- The latest of the closed periods.
SELECT key FROM period WHERE closed_at IS NOT NULL ORDER BY last_day DESC LIMIT 1

-- name: drawing
-- What the frame of one period holds, and what of it is in the sample.
SELECT count(*) AS decisions, count(*) FILTER (WHERE drawn) AS drawn,
       coalesce(sum(inclusion_probability), 0)::float8 AS expected
FROM decision WHERE period = $1
