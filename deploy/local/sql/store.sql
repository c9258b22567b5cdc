-- name: backlogs
-- What each service has still to do, in rows; every schema has the same tables of the spine.
SELECT 'intake' AS service, (SELECT count(*) FROM intake.outbox) AS outbox,
       (SELECT count(*) FROM intake.parked) AS parked,
       (SELECT count(*) FROM intake.dead_letter WHERE state = 'open') AS dead_letters,
       (SELECT count(*) FROM intake.held_item WHERE state = 'held') AS held
UNION ALL
SELECT 'controlling', (SELECT count(*) FROM controlling.outbox),
       (SELECT count(*) FROM controlling.parked),
       (SELECT count(*) FROM controlling.dead_letter WHERE state = 'open'),
       (SELECT count(*) FROM controlling.held_item WHERE state = 'held')
UNION ALL
SELECT 'notify', (SELECT count(*) FROM notify.outbox),
       (SELECT count(*) FROM notify.parked),
       (SELECT count(*) FROM notify.dead_letter WHERE state = 'open'),
       (SELECT count(*) FROM notify.held_item WHERE state = 'held')

-- name: unwitnessed
-- Periods to come into whose seed no second source of chance has entered.
SELECT key, first_day FROM controlling.period
WHERE witness IS NULL AND closed_at IS NULL AND first_day >= current_date ORDER BY first_day

-- name: counts
-- What each service has done, in the order of reading.
SELECT 'intake' AS service, 10 AS place, 'events_accepted' AS what, count(*) AS amount
FROM intake.ledger
UNION ALL
SELECT 'intake', 11, 'unlisted_keys', count(*) FROM intake.unlisted_key
UNION ALL
SELECT 'controlling', 20, 'events_applied', coalesce(sum(last_sequence), 0)::bigint
FROM controlling.inbox
UNION ALL
SELECT 'controlling', 21, 'decisions', count(*) FROM controlling.decision
UNION ALL
SELECT 'controlling', 22, 'decisions_drawn', count(*) FROM controlling.draw
UNION ALL
SELECT 'notify', 30, 'events_applied', coalesce(sum(last_sequence), 0)::bigint FROM notify.inbox
UNION ALL
SELECT 'notify', 30 + known.place, 'messages_' || known.state, count(message.state)
FROM unnest(ARRAY['planned', 'held', 'sending', 'accepted', 'delivered', 'bounced',
                  'superseded', 'expired',
                  'suppressed', 'failed'])
    WITH ORDINALITY AS known (state, place)
LEFT JOIN notify.message USING (state) GROUP BY known.state, known.place
ORDER BY place
