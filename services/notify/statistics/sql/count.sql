-- name: planned_between
-- What became of the messages of some days, by text, way and end; and in how many cases.
SELECT name, channel, state, reason,
       accepted_at IS NOT NULL OR state IN ('accepted', 'delivered', 'bounced') AS has_left,
       count(*) AS messages, count(DISTINCT case_ref) AS cases
FROM message
WHERE planned_at >= $1 AND planned_at < $2
GROUP BY name, channel, state, reason, has_left
