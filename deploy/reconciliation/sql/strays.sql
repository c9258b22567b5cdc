-- name: unknown
-- Which records intake's ledger doesn't have: by their name, or because their case isn't numbered so
-- far. `elsewhere`: the ledger has their event at another place.
SELECT record.position, coalesce(head.last_sequence, 0) AS numbered,
       ledger.id IS NOT NULL AS elsewhere
FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[])
     WITH ORDINALITY AS record (topic, subject, sequence, source, id, position)
LEFT JOIN intake.ledger ON ledger.source = record.source AND ledger.id = record.id
LEFT JOIN intake.stream_head AS head
       ON head.topic = record.topic AND head.subject = record.subject
WHERE ledger.id IS NULL OR record.sequence > coalesce(head.last_sequence, 0)

-- name: given_up
-- Which of these records dead letters account for: acknowledged as another's or, at a place that was
-- given out, given up on at all, or sent in the place of one that was.
SELECT record.position
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::boolean[])
     WITH ORDINALITY AS record (id, topic, subject, sequence, given_out, position)
JOIN (
    SELECT id, topic, subject, sequence, state FROM controlling.dead_letter
    UNION ALL
    SELECT id, topic, subject, sequence, state FROM notify.dead_letter
) AS letter
  ON (letter.id = record.id AND (letter.state = 'acknowledged' OR record.given_out))
  OR (record.given_out AND letter.state = 'replayed' AND letter.topic = record.topic
      AND letter.subject = record.subject AND letter.sequence = record.sequence)

-- name: names
-- What events the ledger has at some places of a topic.
SELECT subject, sequence, source, id
FROM intake.ledger
JOIN unnest($1::text[], $2::bigint[]) AS place (subject, sequence) USING (subject, sequence)
WHERE ledger.type = ANY($3::text[])

-- name: leaves_again
-- Notes with which row of the outbox an event leaves once more: until then it isn't published.
UPDATE intake.ledger SET outbox_id = again.outbox_id
FROM unnest($1::text[], $2::text[], $3::bigint[]) AS again (source, id, outbox_id)
WHERE ledger.source = again.source AND ledger.id = again.id
