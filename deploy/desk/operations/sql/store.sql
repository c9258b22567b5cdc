-- name: unreached
-- How many events of the topics $1 a service hasn't come to, whoever numbered them. Reads all subjects.
SELECT coalesce(sum(greatest(head.last_sequence - coalesce(inbox.last_sequence, 0), 0)), 0)::bigint
FROM (
    SELECT topic, subject, last_sequence FROM intake.stream_head
    UNION ALL
    SELECT topic, subject, last_sequence FROM controlling.stream_head
    UNION ALL
    SELECT topic, subject, last_sequence FROM notify.stream_head
) AS head
LEFT JOIN inbox USING (topic, subject)
WHERE topic = ANY($1::text[])
