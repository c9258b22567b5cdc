-- name: backlogs
-- What waits in a service's own schema and since when, counted up to $1; and about how many subjects
-- its inbox has.
SELECT (SELECT count(*) FROM (SELECT FROM outbox LIMIT $1) AS waiting) AS outbox,
       (SELECT created_at FROM outbox ORDER BY id LIMIT 1) AS outbox_since,
       (SELECT count(*) FROM (SELECT FROM parked LIMIT $1) AS waiting) AS parked,
       (SELECT count(DISTINCT (topic, subject)) FROM (SELECT topic, subject FROM parked LIMIT $1) AS waiting)
           AS parked_subjects,
       (SELECT min(parked_at) FROM (SELECT parked_at FROM parked LIMIT $1) AS waiting) AS parked_since,
       (SELECT count(*) FROM (SELECT FROM dead_letter WHERE state = 'open' LIMIT $1) AS waiting) AS dead_letters,
       (SELECT failed_at FROM dead_letter WHERE state = 'open' ORDER BY failed_at LIMIT 1) AS dead_letters_since,
       (SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = 'inbox'::regclass) AS inbox_subjects,
       now() AS now

-- name: numbered
-- How many events the service has numbered, by topic.
SELECT topic, sum(last_sequence)::bigint AS events FROM stream_head GROUP BY topic

-- name: reached
-- How far the service has come in the order of all subjects together, by topic.
SELECT topic, sum(last_sequence)::bigint AS events FROM inbox GROUP BY topic
