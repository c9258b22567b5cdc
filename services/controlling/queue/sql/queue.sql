-- name: hold_decisions
-- Lets nobody else give these decisions a reason until the transaction ends.
SELECT FROM decision WHERE decision_id = ANY($1::text[]) ORDER BY decision_id FOR NO KEY UPDATE

-- name: queue_reviews
-- Enters reasons that a decision doesn't have yet; gives these. Who isn't in the frame is left out.
WITH asked AS (
    SELECT batch.*, decision.case_ref, decision.period, decision.stratum, decision.ticket,
        decision.inclusion_probability, decision.policy_version
    FROM unnest($1::text[], $2::text[], $3::smallint[], $4::text[], $5::text[])
        AS batch (decision_id, reason, priority, decider, co_signer)
    JOIN decision USING (decision_id)
    LEFT JOIN draw USING (decision_id)
    WHERE draw.reasons IS NULL OR reason <> ALL (draw.reasons)
), entered AS (
    INSERT INTO draw (decision_id, reasons, priority, decider, co_signer, drawn_at)
    SELECT decision_id, array_agg(reason ORDER BY reason), min(priority),
        coalesce(max(asked.decider), max(candidate.decider)),
        coalesce(max(asked.co_signer), max(candidate.co_signer)), $6
    FROM asked LEFT JOIN candidate USING (decision_id)
    GROUP BY decision_id
    ON CONFLICT (decision_id) DO UPDATE SET
        reasons = draw.reasons || excluded.reasons,
        priority = least(draw.priority, excluded.priority)
)
SELECT decision_id, reason, case_ref, period, stratum, ticket, inclusion_probability,
    policy_version
FROM asked

-- name: wait_for_decisions
-- Remembers since when cases wait; the first application of a case counts.
INSERT INTO waiting_case (case_ref, since) SELECT * FROM unnest($1::text[], $2::timestamptz[])
ON CONFLICT DO NOTHING

-- name: end_waiting
-- Forgets cases that are decided or over; gives since when they waited.
DELETE FROM waiting_case WHERE case_ref = ANY(string_to_array($1, ' ')) RETURNING case_ref, since

-- name: law_changes
-- All changes of law. Who has read them ends before another one is entered.
SELECT type_code, valid_from FROM law_change

-- name: hold_law_changes
-- Waits for those who register by the changes known so far, and lets nobody else begin.
LOCK TABLE law_change IN ACCESS EXCLUSIVE MODE

-- name: enter_law_changes
-- Enters changes of law.
INSERT INTO law_change (type_code, valid_from) SELECT * FROM unnest($1::text[], $2::date[])
ON CONFLICT DO NOTHING

-- name: decided_under
-- Decisions of a type from one moment to before another.
SELECT decision_id FROM decision
WHERE type_code = $1 AND decided_at >= $2 AND decided_at < $3 ORDER BY decision_id
