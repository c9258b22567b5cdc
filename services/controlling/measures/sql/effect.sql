-- name: answers_between
-- How a question was answered of the decisions of some days: those that chance drew and nobody still
-- reviews, with every round's last answer; $4 narrows them to units.
SELECT decision_id, stratum, round, (
    SELECT grade FROM answer
    WHERE answer.review = review.id AND question = $1 AND saved_at >= review.taken_at
    ORDER BY answer.version DESC LIMIT 1) AS grade
FROM decision JOIN draw USING (decision_id) JOIN review USING (decision_id)
WHERE decided_at >= $2 AND decided_at < $3 AND NOT late AND reasons && '{random,top_up}'
  AND ($4::text[] IS NULL OR substring(stratum FROM '^[^/]+/[^/]+/(.+)$') = ANY ($4))
  AND NOT EXISTS (SELECT FROM review AS other WHERE other.decision_id = decision.decision_id
                  AND other.state NOT IN ('signed', 'closed'))
ORDER BY decision_id, round

-- name: strata_between
-- How many decisions of each stratum there were on some days that chance could draw.
SELECT stratum, count(*) AS size FROM decision
WHERE decided_at >= $1 AND decided_at < $2 AND NOT late
  AND ($3::text[] IS NULL OR substring(stratum FROM '^[^/]+/[^/]+/(.+)$') = ANY ($3))
GROUP BY stratum

-- name: drawn_between
-- How many decisions of each stratum chance drew of some days, whatever became of their reviews.
SELECT stratum, count(*) AS drawn FROM decision JOIN draw USING (decision_id)
WHERE decided_at >= $1 AND decided_at < $2 AND NOT late AND reasons && '{random,top_up}'
  AND ($3::text[] IS NULL OR substring(stratum FROM '^[^/]+/[^/]+/(.+)$') = ANY ($3))
GROUP BY stratum

-- name: draws_between
-- What was promised of the draws of some days, and when.
SELECT first_day, opened_at, commitment, time_stamp, simulated FROM period
WHERE last_day >= $1 AND first_day <= $2
