-- name: planned_between
-- What became of the messages of some days, by text, way and end; and in how many cases. Sorted as bytes:
-- in the order of a language the same takes several times as long.
SELECT name COLLATE "C" AS name, channel COLLATE "C" AS channel, state COLLATE "C" AS state,
       reason COLLATE "C" AS reason,
       accepted_at IS NOT NULL OR state IN ('accepted', 'delivered', 'bounced') AS has_left,
       count(*) AS messages, count(DISTINCT case_ref) AS cases
FROM message
WHERE planned_at >= $1 AND planned_at < $2
GROUP BY 1, 2, 3, 4, 5
