-- name: my_tasks
-- What somebody has to do, the first due first, each review with what else is of its task; $2 and $3
-- are the last of the page before.
WITH first AS (
    SELECT id, task, due FROM review AS mine
    WHERE account = $1 AND state IN ('assigned', 'taken', 'in_review')
      AND (due, id) > (coalesce($2::date, '-infinity'), coalesce($3::uuid,
          '00000000-0000-0000-0000-000000000000'))
      AND NOT EXISTS (SELECT FROM review AS before
                      WHERE before.task = mine.task AND before.account = $1
                        AND before.state IN ('assigned', 'taken', 'in_review')
                        AND (before.due, before.id) < (mine.due, mine.id))
    ORDER BY due, id LIMIT $4
)
SELECT first.id AS first, review.id, review.state, review.due, review.unit, review.version,
    decision.type_code, decision.decided_at, split_part(decision.stratum, '/', 2) AS direction,
    draw.reasons, decision.stratum, review.on_hold_until, review.hold_reason,
    coalesce(review.questions <= (SELECT count(DISTINCT question) FROM answer
        WHERE answer.review = review.id AND answer.saved_at >= review.taken_at
          AND grade IS NOT NULL), false) AS complete
FROM first
CROSS JOIN LATERAL (
    SELECT first.id
    UNION ALL SELECT other.id FROM review AS other
    WHERE other.task = first.task AND other.id <> first.id AND other.account = $1
      AND other.state IN ('assigned', 'taken', 'in_review')
) AS each
JOIN review ON review.id = each.id
JOIN decision ON decision.decision_id = review.decision_id
JOIN draw ON draw.decision_id = review.decision_id
ORDER BY first.due, first.id, review.due, review.id

-- name: my_counts
-- How much somebody has to do, how much until a day, and how much they have done since a moment.
SELECT count(*) FILTER (WHERE state IN ('assigned', 'taken', 'in_review')) AS open,
    count(*) FILTER (WHERE state IN ('assigned', 'taken', 'in_review') AND due <= $2) AS soon,
    count(*) FILTER (WHERE state IN ('signed', 'closed') AND signed_at >= $3) AS done
FROM review WHERE account = $1
