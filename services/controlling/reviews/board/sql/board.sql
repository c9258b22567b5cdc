-- name: board
-- Reviews that wait or are somebody's, the first due first. Which of two reviews of a decision it
-- is isn't told: whoever assigns doesn't know either.
SELECT review.id, review.state, review.due, review.unit, review.priority, account.id AS account,
    account.name, decision.type_code, decision.decided_at, draw.reasons, review.on_hold_until,
    review.hold_reason
FROM review JOIN decision USING (decision_id) JOIN draw USING (decision_id)
LEFT JOIN account ON account.id = review.account
WHERE review.state IN ('waiting', 'assigned', 'taken', 'in_review')
  AND ($1::boolean IS NULL OR (review.account IS NULL) = $1)
  AND (review.due, review.id) > (coalesce($2::date, '-infinity'), coalesce($3::uuid,
      '00000000-0000-0000-0000-000000000000'))
ORDER BY review.due, review.id LIMIT $4

-- name: board_counts
-- How many reviews there are in each state, and how many of them are overdue.
SELECT count(*) FILTER (WHERE state = 'waiting') AS waiting,
    count(*) FILTER (WHERE state IN ('assigned', 'taken', 'in_review')) AS held,
    count(*) FILTER (WHERE state = 'waiting' AND due < $1) AS waiting_overdue,
    count(*) FILTER (WHERE due < $1) AS overdue
FROM review WHERE state NOT IN ('signed', 'closed')

-- name: open_work
-- How many reviews wait and how many are somebody's, by what one of them takes: the policy of the
-- period and the stratum.
SELECT period.key AS period, decision.stratum, period.policy,
    count(*) FILTER (WHERE review.state = 'waiting') AS waiting,
    count(*) FILTER (WHERE review.state <> 'waiting') AS held
FROM review JOIN decision USING (decision_id) JOIN period ON period.key = decision.period
WHERE review.state NOT IN ('signed', 'closed')
GROUP BY period.key, decision.stratum ORDER BY period.first_day, decision.stratum
