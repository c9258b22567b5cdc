-- name: open_reviews
-- Reviews that aren't signed, by state: how many, how many of them should be by $1, since when.
SELECT state, count(*) AS amount, count(*) FILTER (WHERE due < $1) AS overdue, min(opened_at) AS since
FROM review WHERE state NOT IN ('signed', 'closed') GROUP BY state

-- name: open_promises
-- Periods that are promised and not closed.
SELECT key, first_day, last_day, opened_at, commitment, time_stamp, witnessed_at, simulated
FROM period WHERE closed_at IS NULL ORDER BY first_day

-- name: unstamped_heads
-- Of how many registers the last head, published before a day, has no time stamp; and the audit log, if its end
-- was written before then and isn't stamped.
SELECT count(*) FROM (
    SELECT last.hash
    FROM (SELECT DISTINCT ON (period) period, day, hash FROM register_head ORDER BY period, day DESC) AS last
    JOIN period ON key = period
    WHERE day < $1 AND NOT simulated AND NOT EXISTS (SELECT FROM head_stamp WHERE head_stamp.hash = last.hash)
    UNION ALL
    SELECT hash FROM (
        SELECT number, hash FROM audit WHERE at < $1::date::timestamp AT TIME ZONE 'UTC' ORDER BY number DESC LIMIT 1) AS settled
    WHERE NOT EXISTS (SELECT FROM head_stamp WHERE audit_number >= number)) AS lacking

-- name: last_closed
-- The latest of the closed periods.
SELECT key FROM period WHERE closed_at IS NOT NULL ORDER BY last_day DESC LIMIT 1

-- name: drawing
-- What the frame of one period holds, and what of it is in the sample.
SELECT count(*) AS decisions, count(*) FILTER (WHERE drawn) AS drawn,
       coalesce(sum(inclusion_probability), 0)::float8 AS expected
FROM decision WHERE period = $1

-- name: books
-- When the books of all services were last held against each other, and what was amiss then; while nobody has done
-- it, since when there are any.
SELECT coalesce(max(at), (SELECT min(applied_at) FROM migration)) AS reconciled_at,
       sum(missing + surplus + unknown + overrun)::bigint AS differences
FROM reconciliation
