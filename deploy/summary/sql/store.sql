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
       (SELECT coalesce(sum(cardinality(reasons)), 0) FROM controlling.draw) AS reasons,
       (SELECT count(*) FROM controlling.period) AS periods,
       (SELECT count(*) FROM controlling.outbox) AS unpublished

-- name: reviews
-- How many reviews of each round are in each state.
SELECT round, state, count(*) AS amount FROM controlling.review GROUP BY round, state

-- name: review_books
-- What asks for reviews, and what has come of them, read from elsewhere than the reviews' states.
-- Two differ where one of them answered otherwise, or not at all; that a question doesn't apply
-- says no more of a decision than that it was right.
WITH pair AS (
    SELECT decision_id FROM controlling.review WHERE round < 3 AND state IN ('signed', 'closed')
    GROUP BY decision_id HAVING count(*) = 2
), answered AS (
    SELECT DISTINCT ON (review.id, question) decision_id, question,
        CASE grade WHEN 'not_applicable' THEN 'correct' ELSE grade END AS meaning
    FROM pair JOIN controlling.review USING (decision_id)
    JOIN controlling.answer ON answer.review = review.id AND answer.saved_at >= review.taken_at
    WHERE round < 3
    ORDER BY review.id, question, answer.version DESC
), differing AS (
    SELECT decision_id FROM answered WHERE meaning IS NOT NULL GROUP BY decision_id, question
    HAVING count(*) < 2 OR min(meaning) <> max(meaning)
), final AS (
    SELECT decision_id FROM controlling.review GROUP BY decision_id
    HAVING bool_and(state IN ('signed', 'closed'))
)
SELECT (SELECT count(*) FROM controlling.draw) AS drawn,
       (SELECT count(*) FROM controlling.draw WHERE twice) AS twice,
       (SELECT count(DISTINCT decision_id) FROM differing) AS differing,
       (SELECT count(*) FROM controlling.audit WHERE act = 'assigned') AS assigned,
       (SELECT count(*) FROM final) AS final,
       (SELECT count(*) FROM controlling.review WHERE NOT vetted) AS unvetted

-- name: service_figures
-- Of how many days it is told how the service stood, without appointments and their slots, which lie ahead; and what is
-- known and not counted yet: facts, cases and days.
SELECT (SELECT count(DISTINCT day) FROM controlling.service_figure
        WHERE part NOT IN ('appointments', 'capacity')) AS days,
       (SELECT count(*) FROM controlling.service_fact WHERE NOT counted)
           + (SELECT count(*) FROM controlling.process_due)
           + (SELECT count(*) FROM controlling.process_day) AS uncounted

-- name: notify
-- What notify made of it.
SELECT (SELECT coalesce(sum(last_sequence), 0) FROM notify.inbox
        WHERE topic = 'case-events') AS applied,
       (SELECT count(*) FROM notify.parked) AS parked,
       (SELECT count(*) FROM notify.dead_letter WHERE state = 'open') AS dead_letters,
       (SELECT count(*) FROM notify.outbox) AS unpublished

-- name: discarded
-- Accepted case events that an operator gave up for ever, by the consumer that waited and by type.
-- A record sent twice may have two letters: where one was replayed before, the event was applied.
SELECT letter.service, ledger.type, count(DISTINCT (ledger.subject, ledger.sequence)) AS amount
FROM (
    SELECT 'controlling' AS service, * FROM controlling.dead_letter
    UNION ALL
    SELECT 'notify', * FROM notify.dead_letter
) AS letter
JOIN intake.ledger USING (subject, sequence)
WHERE letter.topic = 'case-events' AND letter.state = 'discarded' AND letter.outbox_id IS NOT NULL
  AND NOT EXISTS (
      SELECT FROM (
          SELECT 'controlling' AS service, * FROM controlling.dead_letter
          UNION ALL
          SELECT 'notify', * FROM notify.dead_letter
      ) AS before
      WHERE before.service = letter.service AND before.topic = letter.topic
        AND before.subject = letter.subject AND before.sequence = letter.sequence
        AND before.state = 'replayed' AND before.outbox_id < letter.outbox_id
  )
GROUP BY letter.service, ledger.type

-- name: messages
-- Messages to applicants by cause, channel and state; those of the names given wait for a day of their
-- own, and some follow an earlier one: on another way, sent again, or to somebody else who is told.
SELECT CASE
           WHEN follows IS NOT NULL OR place > 1 THEN 'an earlier message'
           WHEN name = ANY($1::text[]) THEN 'a day to come'
           ELSE cause
       END AS cause,
       channel, state, count(*) AS amount
FROM (
    SELECT name, cause, channel, state, follows,
           row_number() OVER (
               PARTITION BY case_ref, name, coalesce(sequence::text, id::text)
               ORDER BY follows IS NOT NULL, id) AS place
    FROM notify.message
) AS message
GROUP BY 1, 2, 3

-- name: resting
-- SMS that wait because it is night, a Sunday or a day off, and when the first of them leaves; not
-- those that wait for a day of their own ($1) or for contact data.
SELECT count(*) AS amount, min(due_at) AS until FROM notify.message
WHERE channel = 'sms' AND state = 'held' AND due_at > now() AND wanted_at IS NULL
  AND NOT name = ANY($1::text[])
