-- name: hold_decision
-- Nobody else changes any review of the decision that one review is about, until the transaction
-- ends.
SELECT FROM review WHERE decision_id = (SELECT decision_id FROM review WHERE id = $1)
ORDER BY round FOR NO KEY UPDATE

-- name: rounds_of
-- All reviews of the decision that one review is about.
SELECT id, decision_id, round, state, account FROM review
WHERE decision_id = (SELECT decision_id FROM review WHERE id = $1) ORDER BY round

-- name: take
-- Somebody has declared no conflict: the case opens, with the form that asks about it.
UPDATE review SET state = $2, taken_at = $3, form = $4, form_digest = $5, questions = $6,
    version = version + 1
WHERE id = $1

-- name: save_answer
-- The next version of an answer, if the one that it was based on is still the last one.
INSERT INTO answer (review, question, version, grade, comment, detail, origin, saved_at)
SELECT $1, $2, $3 + 1, $4, $5, $6::jsonb, $7, $8
WHERE $3 = coalesce((SELECT max(version) FROM answer WHERE review = $1 AND question = $2), 0)
RETURNING version, saved_at

-- name: begin_review
-- A review with its first answer is under way; the time that somebody needed adds up.
UPDATE review SET state = $2, seconds = seconds + $3, version = version + 1 WHERE id = $1

-- name: answers_of
-- The last answer to each question of a review; those that an earlier holder gave are marked.
SELECT DISTINCT ON (question) question, answer.version, grade, comment, detail, origin, saved_at,
    review.taken_at IS NULL OR saved_at < review.taken_at AS by_another
FROM answer JOIN review ON review.id = answer.review
WHERE answer.review = $1 ORDER BY question, answer.version DESC

-- name: answers_of_decision
-- The last answers of all signed reviews of a decision.
SELECT DISTINCT ON (round, question) round, question, grade, comment, detail
FROM answer JOIN review ON review.id = answer.review
WHERE decision_id = $1 AND state IN ('signed', 'closed') AND saved_at >= review.taken_at
ORDER BY round, question, answer.version DESC

-- name: sign
-- A review is done.
UPDATE review SET state = 'signed', signed_at = $2, on_hold_until = NULL, hold_reason = NULL,
    version = version + 1
WHERE id = $1

-- name: reopen
-- A review is under way again, for a reason.
UPDATE review SET state = 'in_review', signed_at = NULL, reason = $2, version = version + 1
WHERE id = $1

-- name: close_rounds
-- What a third has settled can't be reopened.
UPDATE review SET state = 'closed', closed_at = $2, version = version + 1
WHERE decision_id = $1 AND round < 3 AND state = 'signed'

-- name: facts_of_task
-- What may be known of a case before somebody has declared no conflict, and of what else they have to
-- do of its task.
SELECT review.id, review.state, review.due, review.unit, review.account, decision.type_code,
    decision.decided_at, split_part(decision.stratum, '/', 2) AS direction, draw.reasons,
    review.decision_id
FROM review AS asked
CROSS JOIN LATERAL (
    SELECT asked.id
    UNION ALL SELECT other.id FROM review AS other
    WHERE other.task = asked.task AND other.id <> asked.id AND other.account = asked.account
      AND other.state = ANY($3::text[])
) AS each
JOIN review ON review.id = each.id
JOIN decision ON decision.decision_id = review.decision_id
JOIN draw ON draw.decision_id = review.decision_id
WHERE asked.id = $1 AND asked.account = $2
ORDER BY review.id <> asked.id, decision.decided_at, review.id
