-- name: sizes
-- Every table of the services: rows and dead rows as PostgreSQL estimates them, bytes with indexes.
SELECT schemaname AS service, relname AS table, n_live_tup AS rows, n_dead_tup AS dead,
       pg_total_relation_size(relid) AS bytes
FROM pg_stat_user_tables WHERE schemaname = ANY($1::text[])
ORDER BY array_position($1::text[], schemaname::text), relname

-- name: overdue_dead_letter
-- Settled dead letters that still hold their record after $1.
SELECT count(*) FROM dead_letter
WHERE settled_at < now() - $1::interval AND (value IS NOT NULL OR headers <> '[]')

-- name: overdue_message
-- Ended messages that still hold what they told after $1.
SELECT count(*) FROM message WHERE ended_at < now() - $1::interval AND facts <> 'null'

-- name: overdue_case_standing
-- How cases stand that nothing was heard of for $1.
SELECT count(*) FROM case_standing WHERE changed_at < now() - $1::interval

-- name: overdue_case_event
-- What happened to cases longer than $1 ago, and is no longer needed for a review.
SELECT count(*) FROM case_event AS old
WHERE at < now() - $1::interval AND NOT EXISTS (
    SELECT FROM decision JOIN draw USING (decision_id)
    LEFT JOIN review USING (decision_id)
    WHERE decision.case_ref = old.case_ref AND review.closed_at IS NULL)

-- name: overdue_early_cause
-- What happened longer than $1 ago to decisions that never came.
SELECT count(*) FROM early_cause WHERE noted_at < now() - $1::interval

-- name: overdue_service_fact
-- What happened at counters and telephones longer than $1 ago, no appointment of which lasts longer.
SELECT count(*) FROM service_fact AS old
WHERE day < current_date - $1::interval AND counted AND NOT EXISTS (
    SELECT FROM service_fact AS same
    WHERE same.item = old.item AND same.day >= current_date - $1::interval)

-- name: overdue_service_alarm
-- Alarms that were raised longer than $1 ago.
SELECT count(*) FROM service_alarm WHERE raised_at < now() - $1::interval
