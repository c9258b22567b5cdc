-- name: find
-- Dead letters of one service, oldest first; a filter that is NULL lets everything through.
SELECT id, topic, partition, "offset", recorded_at, key, headers, value, defect, reason, attempts,
       failed_at, subject, sequence, state, settled_at, settled_by, settled_because, earlier,
       outbox_id
FROM dead_letter
WHERE ($1::uuid IS NULL OR id = $1)
  AND ($2::text IS NULL OR state = $2)
  AND ($3::text IS NULL OR topic = $3)
  AND ($4::text IS NULL OR defect = $4)
  AND ($5::text IS NULL OR subject = $5)
  AND ($6::interval IS NULL OR failed_at < now() - $6)
ORDER BY topic, partition, "offset" LIMIT $7

-- name: lock
-- Holds one dead letter, so that two operators can't settle it at once.
SELECT state FROM dead_letter WHERE id = $1 FOR UPDATE

-- name: settle
-- Notes what became of an open dead letter, by whom and why: the audit entry. A place that only the
-- operator knew is kept, too.
UPDATE dead_letter SET state = $2, settled_at = now(), settled_by = $3, settled_because = $4,
                       outbox_id = $5, sequence = coalesce(sequence, $6)
WHERE id = $1 AND state = 'open'

-- name: reopen
-- Opens a settled letter again; what had been done with it, and who opens it why, stays.
UPDATE dead_letter SET state = 'open', settled_at = NULL, settled_by = NULL, settled_because = NULL,
    earlier = earlier || jsonb_build_array(
        jsonb_build_object('at', settled_at, 'by', settled_by, 'because', settled_because),
        jsonb_build_object('at', now(), 'by', $2::text, 'because', 'reopened: ' || $3))
WHERE id = $1 AND state = 'replayed'

-- name: waits_in_outbox
-- Whether a record of this service's outbox is still to leave.
SELECT EXISTS (SELECT FROM outbox WHERE id = $1)

-- name: reached
-- How far a subject has been applied.
SELECT coalesce((SELECT last_sequence FROM inbox WHERE topic = $1 AND subject = $2), 0)

-- name: numbered
-- How far a subject has been numbered by the service that writes its topic.
SELECT coalesce((SELECT last_sequence FROM stream_head WHERE topic = $1 AND subject = $2), 0)

-- name: waiting
-- Subjects of one service, $3, with a gap, the longest first, at most $8, behind a place in the list of all services, $4 to
-- $7; and the dead letter that would have filled it.
SELECT inbox.topic, inbox.subject, inbox.last_sequence + 1 AS awaited, waiting.events, waiting.since,
       letter.id AS dead_letter, letter.state, letter.defect
FROM (
    SELECT topic, subject, count(*) AS events, min(parked_at) AS since FROM parked
    WHERE ($1::text IS NULL OR topic = $1) AND ($2::text IS NULL OR subject = $2)
    GROUP BY topic, subject
    HAVING $4::timestamptz IS NULL
        OR (min(parked_at), $3::text, topic, subject) > ($4, $5::text, $6::text, $7::text)
    ORDER BY since, topic, subject LIMIT $8
) AS waiting
JOIN inbox USING (topic, subject)
LEFT JOIN LATERAL (
    SELECT id, state, defect FROM dead_letter
    WHERE dead_letter.topic = inbox.topic AND dead_letter.subject = inbox.subject
      AND dead_letter.sequence = inbox.last_sequence + 1
    ORDER BY state = 'open' DESC, failed_at DESC LIMIT 1
) AS letter ON true
ORDER BY waiting.since, inbox.topic, inbox.subject

-- name: number_waiting
-- How many subjects have a gap.
SELECT count(DISTINCT (topic, subject)) FROM parked

-- name: unpublished
-- Which of these subjects have records that wait for Kafka.
SELECT DISTINCT key FROM outbox WHERE topic = $1 AND key = ANY($2::bytea[])
