-- name: board
-- A page of the reviews that wait or are somebody's. Of two reviews of a decision one is there at a
-- time, and not the day of the decision, by which one could be told for the other's: whoever assigns
-- doesn't know that there are two. What is null doesn't narrow: $1 names what is shown, $2 is searched
-- for, $3 is a unit, $4 has the names of types and units by their keys, $5 is today.
SELECT review.id, review.state, review.due, review.unit, account.id AS account, account.name,
    decision.type_code, decision.decided_at, draw.reasons, review.on_hold_until, review.hold_reason,
    {place}
FROM board_review AS review JOIN decision USING (decision_id) JOIN draw USING (decision_id)
LEFT JOIN account ON account.id = review.account
CROSS JOIN LATERAL (SELECT review.id, review.due,
    by_letters(coalesce($4::jsonb->>decision.type_code, decision.type_code)) AS kind,
    by_letters(coalesce($4::jsonb->>review.unit, review.unit)) AS unit,
    by_letters(coalesce(account.name, '')) AS holder) AS sort
WHERE review.state IN ('waiting', 'assigned', 'taken', 'in_review')
  AND ($1::text IS NULL OR CASE $1 WHEN 'waiting' THEN review.account IS NULL
       WHEN 'held' THEN review.account IS NOT NULL WHEN 'overdue' THEN review.due < $5
       WHEN 'on_hold' THEN review.on_hold_until >= $5 END)
  AND ($3::text IS NULL OR review.unit = $3)
  AND ($2::text IS NULL
       OR position(by_letters($2) IN concat_ws(' ', sort.kind, sort.unit, sort.holder)) > 0)
  AND {behind}
ORDER BY {order} LIMIT {size}

-- name: holders
-- Some reviews, if they are on the board still, each with who has it now.
SELECT review.id, review.unit, review.due, account.name, decision.type_code, decision.decided_at
FROM board_review AS review JOIN decision USING (decision_id)
LEFT JOIN account ON account.id = review.account
WHERE review.id = ANY($1::uuid[]) AND review.state IN ('waiting', 'assigned', 'taken', 'in_review')
ORDER BY review.due, review.id

-- name: board_counts
-- How many reviews there are in each state, and how many of them are overdue.
SELECT count(*) FILTER (WHERE state = 'waiting') AS waiting,
    count(*) FILTER (WHERE state IN ('assigned', 'taken', 'in_review')) AS held,
    count(*) FILTER (WHERE state = 'waiting' AND due < $1) AS waiting_overdue,
    count(*) FILTER (WHERE due < $1) AS overdue
FROM board_review WHERE state NOT IN ('signed', 'closed')

-- name: open_work
-- How many reviews wait and how many are somebody's, by what one of them takes: the policy of the
-- period and the stratum.
SELECT period.key AS period, decision.stratum, period.policy,
    count(*) FILTER (WHERE review.state = 'waiting') AS waiting,
    count(*) FILTER (WHERE review.state <> 'waiting') AS held
FROM board_review AS review JOIN decision USING (decision_id) JOIN period ON period.key = decision.period
WHERE review.state NOT IN ('signed', 'closed')
GROUP BY period.key, decision.stratum ORDER BY period.first_day, decision.stratum
