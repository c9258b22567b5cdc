-- name: register_decisions
-- Enters decisions into the frame; one entered before is left as it is. A batch holds few places
-- (period, stratum, type, rate), so each is sent once and decisions point at theirs, from 1.
INSERT INTO decision (decision_id, case_ref, period, stratum, type_code, ticket,
    inclusion_probability, drawn, policy_version, decided_at)
SELECT decision_id, case_ref, period, stratum, type_code, ticket, probability, drawn, $11,
    decided_at
FROM unnest($1::text[], $2::text[], $3::text[], $4::boolean[], $5::timestamptz[], $6::integer[])
         AS batch (decision_id, case_ref, ticket, drawn, decided_at, place)
JOIN unnest($7::text[], $8::text[], $9::text[], $10::numeric[]) WITH ORDINALITY
         AS places (period, stratum, type_code, probability, place) USING (place)
ON CONFLICT DO NOTHING

-- name: record_draws
-- Records drawn decisions.
INSERT INTO draw (decision_id, reasons, decider, co_signer, drawn_at)
SELECT decision_id, ARRAY[reason], decider, co_signer, $5
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
    AS batch (decision_id, reason, decider, co_signer)

-- name: mark_corrected
-- Marks decisions as corrected; they stay in the frame.
UPDATE decision SET corrected_at = batch.at
FROM unnest($1::text[], $2::timestamptz[]) AS batch (decision_id, at)
WHERE decision.decision_id = batch.decision_id

-- name: mark_withdrawn
-- Marks decisions as withdrawn; they stay in the frame.
UPDATE decision SET withdrawn_at = batch.at
FROM unnest($1::text[], $2::timestamptz[]) AS batch (decision_id, at)
WHERE decision.decision_id = batch.decision_id
