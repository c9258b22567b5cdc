-- name: closed_period
-- The policy and counts of a period, once it is closed.
SELECT policy, closing FROM period
WHERE key = $1 AND closing IS NOT NULL AND policy IS NOT NULL

-- name: states_of_reviews
-- What changes whenever a review of a period is signed or opened again.
SELECT period, count(*) AS signed, sum(version) AS versions FROM review
WHERE state IN ('signed', 'closed') GROUP BY period

-- name: plan_samples
-- The decisions with the smallest tickets of strata of a period, so many of each.
SELECT asked.stratum, chosen.decision_id
FROM unnest($2::text[], $3::integer[]) AS asked (stratum, sample)
CROSS JOIN LATERAL (
    SELECT decision_id FROM decision
    WHERE decision.period = $1 AND decision.stratum = asked.stratum AND NOT late
    ORDER BY ticket, decision_id LIMIT asked.sample) AS chosen
