-- name: intake
-- What intake accepted, by type; and what it has not published yet.
SELECT type, count(*) AS amount, (SELECT count(*) FROM intake.outbox) AS unpublished
FROM intake.ledger GROUP BY type

-- name: controlling
-- What controlling made of it.
SELECT (SELECT coalesce(sum(last_sequence), 0) FROM controlling.inbox
        WHERE topic = 'case-events') AS applied,
       (SELECT count(*) FROM controlling.parked) AS parked,
       (SELECT count(*) FROM controlling.dead_letter WHERE state = 'open') AS dead_letters,
       (SELECT count(*) FROM controlling.decision) AS decisions,
       (SELECT count(*) FROM controlling.draw) AS draws,
       (SELECT count(*) FROM controlling.period) AS periods,
       (SELECT count(*) FROM controlling.outbox) AS unpublished

-- name: notify
-- What notify made of it.
SELECT (SELECT coalesce(sum(last_sequence), 0) FROM notify.inbox
        WHERE topic = 'case-events') AS applied,
       (SELECT count(*) FROM notify.parked) AS parked,
       (SELECT count(*) FROM notify.dead_letter WHERE state = 'open') AS dead_letters,
       (SELECT count(*) FROM notify.outbox) AS unpublished

-- name: messages
-- Messages to applicants by cause and state.
SELECT cause, state, count(*) AS amount FROM notify.message GROUP BY cause, state
