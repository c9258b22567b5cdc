-- name: known
-- Which of these events the ledger holds already.
SELECT ledger.source, ledger.id, ledger.fingerprint, ledger.sequence,
       ledger.outbox_id = -1 AS awaited
FROM unnest($1::text[], $2::text[]) AS batch (source, id)
JOIN ledger USING (source, id)

-- name: enter
-- Enters new events; fails when another request was faster with one of them.
INSERT INTO ledger (source, id, type, subject, sequence, fingerprint, outbox_id)
SELECT *
FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bytea[], $7::bigint[])

-- name: move
-- Gives events of the ledger other numbers, with which they leave once more.
UPDATE ledger SET sequence = moved.sequence, outbox_id = moved.outbox_id
FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bytea[], $7::bigint[])
    AS moved (source, id, type, subject, sequence, fingerprint, outbox_id)
WHERE ledger.source = moved.source AND ledger.id = moved.id

-- name: come_again
-- Notes with which row of the outbox an event leaves that was asked for again.
UPDATE ledger SET outbox_id = again.outbox_id
FROM unnest($1::text[], $2::text[], $3::bigint[]) AS again (source, id, outbox_id)
WHERE ledger.source = again.source AND ledger.id = again.id

-- name: find
-- One event's receipt. It was published when the relay has deleted its outbox row.
SELECT type, subject, sequence, accepted_at,
       outbox_id <> -1
           AND NOT EXISTS (SELECT FROM outbox WHERE outbox.id = ledger.outbox_id) AS published
FROM ledger
WHERE source = $1 AND id = $2

-- name: tally_decisions
-- Notes how many decisions were accepted.
INSERT INTO decision_tally (unit, hour, decisions)
SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::integer[])

-- name: noted_units
-- The units of which decisions were noted.
SELECT DISTINCT unit FROM decision_tally ORDER BY unit

-- name: add_up_decisions
-- Adds up what was noted of some units; gives the units and weeks whose count changed.
WITH taken AS (
    DELETE FROM decision_tally WHERE unit = ANY($2::text[]) RETURNING unit, hour, decisions
)
INSERT INTO decision_count (unit, week, decisions)
SELECT unit, to_char(hour AT TIME ZONE $1, 'IYYY-"W"IW'), sum(decisions) FROM taken
GROUP BY 1, 2 ORDER BY 1, 2
ON CONFLICT (unit, week) DO UPDATE SET decisions = decision_count.decisions + excluded.decisions
RETURNING unit, week, decisions

-- name: take_numbers
-- Goes on numbering behind events that have their numbers already; gives the subjects of which
-- nothing was numbered since somebody looked.
INSERT INTO stream_head (topic, subject, last_sequence)
SELECT topic, subject, reached
FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[])
     AS batch (topic, subject, seen, reached)
ORDER BY topic, subject
ON CONFLICT (topic, subject) DO UPDATE SET last_sequence = excluded.last_sequence
WHERE stream_head.last_sequence = (
    SELECT seen FROM unnest($1::text[], $2::text[], $3::bigint[]) AS batch (topic, subject, seen)
    WHERE batch.topic = stream_head.topic AND batch.subject = stream_head.subject)
RETURNING topic, subject
