-- name: rulings
-- What became of decisions in the queue that somebody appealed against, the newest first, each with
-- the verdict on the file, if there is one that holds: that of whoever reviewed it last, once nobody
-- reviews it any more. Where the first two agree, either's will do; where not, the third's counts.
-- $1 to $3 are the last of the page before; $4 is a decision, $5 a unit, $6 pairs "verdict outcome".
SELECT ruling.case_ref, ruling.sequence, ruling.type, ruling.at, decision.decided_at,
    decision.type_code, unit, outcome, verdict
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
WHERE ruling.type IN ('gleichfall.appeal.remedied.v1', 'gleichfall.appeal.decided.v1',
                      'gleichfall.court.decided.v1')
  AND ($1::timestamptz IS NULL OR (ruling.at, ruling.case_ref, ruling.sequence) < ($1, $2, $3))
  AND ($4::text IS NULL OR ruling.case_ref = (SELECT case_ref FROM decision WHERE decision_id = $4)
      AND decision.decision_id = $4)
  AND ($5::text IS NULL OR unit = $5)
  AND ($6::text[] IS NULL OR verdict || ' ' || outcome = ANY($6))
ORDER BY ruling.at DESC, ruling.case_ref DESC, ruling.sequence DESC LIMIT $7
