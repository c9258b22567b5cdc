-- name: enter_schema
-- Lets this transaction see one consumer's tables without their schema's name.
SELECT set_config('search_path', $1, true)

-- name: totals
-- What intake accepted of a topic, and how many of them an operator gave up for this consumer; -2:
-- it was lost, and nothing takes its place.
SELECT now() AS at,
       (SELECT count(*) FROM intake.ledger WHERE type = ANY($2::text[])) AS accepted,
       (SELECT count(*) FROM dead_letter
        WHERE topic = $1 AND state = 'discarded' AND outbox_id IS NOT NULL)
       + (SELECT count(*) FROM intake.ledger
          WHERE type = ANY($2::text[]) AND outbox_id = -2) AS discarded

-- name: unapplied
-- Accepted events beyond what the consumer has applied, and whether Kafka had all there is to
-- each: the event itself and, where it was a dead letter, what an operator sent in its place.
SELECT ledger.subject, ledger.sequence,
       original.id IS NULL AND NOT EXISTS (
           SELECT FROM dead_letter JOIN intake.outbox AS again ON again.id = dead_letter.outbox_id
           WHERE dead_letter.topic = $1 AND dead_letter.subject = ledger.subject
             AND (dead_letter.sequence = ledger.sequence OR dead_letter.sequence IS NULL)
       ) AS published
FROM intake.ledger
LEFT JOIN inbox ON inbox.topic = $1 AND inbox.subject = ledger.subject
LEFT JOIN intake.outbox AS original ON original.id = ledger.outbox_id
WHERE ledger.type = ANY($2::text[]) AND ledger.sequence > coalesce(inbox.last_sequence, 0)
  AND ledger.outbox_id <> -2

-- name: surplus
-- Cases applied further than intake's ledger goes.
SELECT inbox.subject, inbox.last_sequence, coalesce(max(ledger.sequence), 0) AS accepted
FROM inbox
LEFT JOIN intake.ledger ON ledger.subject = inbox.subject AND ledger.type = ANY($2::text[])
WHERE inbox.topic = $1
GROUP BY inbox.subject, inbox.last_sequence
HAVING inbox.last_sequence > coalesce(max(ledger.sequence), 0)
ORDER BY inbox.subject

-- name: fates
-- What has become of places that were not applied at the first look.
SELECT place.subject, place.sequence,
       place.sequence <= coalesce(inbox.last_sequence, 0) AS applied,
       EXISTS (
           SELECT FROM parked WHERE parked.topic = $1 AND parked.subject = place.subject
             AND parked.sequence = place.sequence
       ) AS parked,
       coalesce(letter.open, false) AS dead_letter,
       coalesce(letter.settled_lately, false) AS settled_lately
FROM unnest($2::text[], $3::bigint[]) AS place (subject, sequence)
LEFT JOIN inbox ON inbox.topic = $1 AND inbox.subject = place.subject
LEFT JOIN LATERAL (
    -- Of what belongs to no case nothing takes the place, once it is discarded.
    SELECT bool_or(state = 'open' OR state = 'discarded' AND outbox_id IS NULL) AS open,
           bool_or(settled_at > $4::timestamptz - interval '1 minute') AS settled_lately
    FROM dead_letter
    WHERE dead_letter.topic = $1 AND dead_letter.subject = place.subject
      AND (dead_letter.sequence = place.sequence OR dead_letter.sequence IS NULL)
) AS letter ON true
