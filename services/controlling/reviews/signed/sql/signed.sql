-- name: signed_reviews
-- A page of what somebody has signed. What is null doesn't narrow: $2 is searched for, $3 is a unit, $4
-- the verdict that they gave, $5 has the names of types and units by their keys, $6 is where days
-- begin. That others have reviewed the same decision is told when all are done, and is known by nothing
-- else: who is one of two sees what an only one sees.
SELECT review.id, review.unit, review.signed_at, decision.type_code, decision.decided_at,
    draw.reasons, given.verdict,
    coalesce((SELECT bool_and(other.state IN ('signed', 'closed')) FROM review AS other
              WHERE other.decision_id = review.decision_id AND other.id <> review.id),
        false) AS comparable,
    {place}
FROM review JOIN decision USING (decision_id) JOIN draw USING (decision_id)
CROSS JOIN LATERAL (SELECT (
    SELECT answer.grade FROM answer
    WHERE answer.review = review.id AND answer.question = 'on_the_file'
      AND answer.saved_at >= review.taken_at
    ORDER BY answer.version DESC LIMIT 1) AS verdict) AS given
CROSS JOIN LATERAL (SELECT review.id, review.signed_at AS signed,
    by_letters(coalesce($5::jsonb->>decision.type_code, decision.type_code)) AS kind,
    by_letters(coalesce($5::jsonb->>review.unit, review.unit)) AS unit,
    (decision.decided_at AT TIME ZONE $6)::date AS decided) AS sort
WHERE review.account = $1 AND review.state IN ('signed', 'closed')
  AND ($2::text IS NULL OR position(by_letters($2) IN concat_ws(' ', sort.kind, sort.unit)) > 0)
  AND ($3::text IS NULL OR review.unit = $3)
  AND ($4::text IS NULL OR given.verdict = $4)
  AND {behind}
ORDER BY {order} LIMIT {size}
