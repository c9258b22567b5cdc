-- name: my_tasks
-- A page of what somebody has to do: of each task the review that is due first. What is null doesn't
-- narrow: $2 names what counts as `shown`, $3 is searched for, $4 is a unit, $5 has the names of types
-- and units by their keys, $6 is where days begin, $7 is today. A task is found by any of its reviews.
WITH mine AS (
    SELECT review.id, review.due, review.unit AS key,
        first_value(review.id) OVER (PARTITION BY coalesce(task, review.id::text)
                                     ORDER BY review.due, review.id) AS first,
        by_letters(coalesce($5::jsonb->>decision.type_code, decision.type_code)) AS kind,
        by_letters(coalesce($5::jsonb->>review.unit, review.unit)) AS unit,
        (decision.decided_at AT TIME ZONE $6)::date AS decided,
        CASE WHEN review.on_hold_until >= $7 THEN 'on_hold'
             WHEN complete THEN 'complete'
             WHEN review.state = 'assigned' THEN 'assigned' ELSE 'in_review' END AS shown
    FROM review JOIN decision USING (decision_id)
    CROSS JOIN LATERAL (SELECT coalesce(review.questions <= (
        SELECT count(DISTINCT question) FROM answer
        WHERE answer.review = review.id AND answer.saved_at >= review.taken_at
          AND grade IS NOT NULL), false) AS complete) AS answered
    WHERE review.account = $1 AND review.state IN ('assigned', 'taken', 'in_review')
)
SELECT sort.id, {place}
FROM (SELECT id, due, kind, unit, decided,
          array_position(ARRAY['complete', 'in_review', 'assigned', 'on_hold'], shown) AS state
      FROM mine WHERE id = first) AS sort
WHERE EXISTS (
    SELECT FROM mine WHERE mine.first = sort.id
      AND ($2::text IS NULL OR shown = $2)
      AND ($3::text IS NULL OR position(by_letters($3) IN concat_ws(' ', kind, unit)) > 0)
      AND ($4::text IS NULL OR key = $4))
  AND {behind}
ORDER BY {order} LIMIT {size}

-- name: reviews_of_tasks
-- The reviews of some of somebody's tasks, which are named by their first ones.
SELECT first.id AS first, review.id, review.decision_id, decision.case_ref AS case, review.round,
    review.state, review.due, review.unit, review.version, decision.type_code,
    decision.decided_at, split_part(decision.stratum, '/', 2) AS direction,
    draw.reasons, review.decision_group AS group, review.on_hold_until, review.hold_reason,
    review.questions - (SELECT count(DISTINCT question) FROM answer
        WHERE answer.review = review.id AND answer.saved_at >= review.taken_at
          AND grade IS NOT NULL) AS missing
FROM review AS first
CROSS JOIN LATERAL (
    SELECT first.id
    UNION ALL SELECT other.id FROM review AS other
    WHERE other.task = first.task AND other.id <> first.id AND other.account = $1
      AND other.state IN ('assigned', 'taken', 'in_review')
) AS each
JOIN review ON review.id = each.id
JOIN decision ON decision.decision_id = review.decision_id
JOIN draw ON draw.decision_id = review.decision_id
WHERE first.id = ANY($2::uuid[]) AND first.account = $1
ORDER BY review.due, review.id

-- name: my_counts
-- How much somebody has to do, how much until a day, and how much they have done since a moment.
SELECT count(*) AS open, count(*) FILTER (WHERE due <= $2) AS soon,
    (SELECT count(*) FROM review
        WHERE account = $1 AND state IN ('signed', 'closed') AND signed_at >= $3) AS done
FROM review WHERE account = $1 AND state IN ('assigned', 'taken', 'in_review')
