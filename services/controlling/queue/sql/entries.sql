-- name: hold_decisions
-- What the frame says of decisions; nobody else gives them a reason until the transaction ends.
SELECT decision_id, case_ref, period, stratum, ticket, inclusion_probability, policy_version
FROM decision WHERE decision_id = ANY($1::text[]) ORDER BY decision_id FOR NO KEY UPDATE

-- name: known_of
-- The reasons that decisions have, and who decided them if they may be topped up.
SELECT decision_id, coalesce(reasons, '{}') AS reasons, candidate.decider, candidate.co_signer
FROM unnest($1::text[]) AS asked (decision_id)
LEFT JOIN draw USING (decision_id)
LEFT JOIN candidate USING (decision_id)

-- name: enter_reviews
-- Enters reasons that decisions don't have yet. A decider who isn't known is an error where chance
-- drew the decision.
INSERT INTO draw (decision_id, reasons, priority, decider, co_signer, twice, drawn_at)
SELECT decision_id, array_agg(reason ORDER BY reason), min(priority), max(decider), max(co_signer),
    bool_or(twice), $7
FROM unnest($1::text[], $2::text[], $3::smallint[], $4::text[], $5::text[], $6::boolean[])
    AS batch (decision_id, reason, priority, decider, co_signer, twice)
GROUP BY decision_id
ON CONFLICT (decision_id) DO UPDATE SET
    reasons = draw.reasons || excluded.reasons,
    priority = least(draw.priority, excluded.priority),
    decider = coalesce(draw.decider, excluded.decider),
    co_signer = coalesce(draw.co_signer, excluded.co_signer),
    twice = draw.twice OR excluded.twice,
    opened = false
