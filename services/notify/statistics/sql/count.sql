-- name: planned_between
-- What became of the messages of some days, by text, way and end; and in how many cases. Counted by case
-- first: to sort them for count(DISTINCT) takes five times as long.
SELECT name, channel, state, reason, has_left, sum(messages)::bigint AS messages, count(*) AS cases
FROM (
    SELECT name, channel, state, reason,
           accepted_at IS NOT NULL OR state IN ('accepted', 'delivered', 'bounced') AS has_left,
           count(*) AS messages
    FROM message
    WHERE planned_at >= $1 AND planned_at < $2
    GROUP BY name, channel, state, reason, has_left, case_ref
) AS of_case
GROUP BY name, channel, state, reason, has_left
