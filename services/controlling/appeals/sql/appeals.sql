-- name: page_of_rulings
-- A page of what became of decisions in the queue that somebody appealed against, each with the
-- verdict on the file, if there is one that holds: that of whoever reviewed it last, once nobody
-- reviews it any more. Where the first two agree, either's will do; where not, the third's counts.
-- $1 is a decision, $2 a unit, $3 pairs "verdict outcome", $4 is searched for, $5 has the names of
-- types and units by their keys, $6 is where days begin.
SELECT ruling.type, ruling.at, decision.decided_at, decision.type_code, read.unit, outcome, verdict,
    {place}
FROM case_event AS ruling
JOIN decision ON decision.decision_id = ruling.data->>'decision_id'
JOIN draw ON draw.decision_id = decision.decision_id
CROSS JOIN LATERAL (SELECT substring(decision.stratum FROM '^[^/]+/[^/]+/(.+)$') AS unit,
    coalesce(ruling.data->>'outcome', 'reversed') AS outcome) AS read
LEFT JOIN LATERAL (
    SELECT grade AS verdict FROM review JOIN answer ON answer.review = review.id
    WHERE review.decision_id = decision.decision_id AND question = 'on_the_file'
      AND saved_at >= taken_at AND NOT EXISTS (
          SELECT FROM review AS open WHERE open.decision_id = decision.decision_id
            AND open.state NOT IN ('signed', 'closed'))
    ORDER BY round DESC, answer.version DESC LIMIT 1) AS judged ON true
CROSS JOIN LATERAL (SELECT ruling.at AS ruled, ruling.case_ref AS case, ruling.sequence,
    (decision.decided_at AT TIME ZONE $6)::date AS decided,
    by_letters(coalesce($5::jsonb->>decision.type_code, decision.type_code)) AS kind,
    by_letters(coalesce($5::jsonb->>read.unit, read.unit)) AS unit) AS sort
WHERE ruling.type IN ('gleichfall.appeal.remedied.v1', 'gleichfall.appeal.decided.v1',
                      'gleichfall.court.decided.v1')
  AND ($1::text IS NULL OR ruling.case_ref = (SELECT case_ref FROM decision WHERE decision_id = $1)
      AND decision.decision_id = $1)
  AND ($2::text IS NULL OR read.unit = $2)
  AND ($3::text[] IS NULL OR verdict || ' ' || outcome = ANY($3))
  AND ($4::text IS NULL OR position(by_letters($4) IN concat_ws(' ', sort.kind, sort.unit)) > 0)
  AND {behind}
ORDER BY {order} LIMIT {size}
