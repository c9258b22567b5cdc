-- name: periods_between
-- The periods that have begun and hold some of the days.
SELECT key FROM period WHERE last_day >= $1 AND first_day <= $2 ORDER BY first_day

-- name: count_kinds
-- How many decisions of each kind a period holds, between two moments; $4 is the time zone and $5
-- the fields of the event by which strata are split.
SELECT day, type_code, stratum, texts, known, count(*) AS decisions
FROM decision
CROSS JOIN LATERAL (SELECT (decided_at AT TIME ZONE $4)::date AS day, facts IS NOT NULL AS known,
    ARRAY(SELECT CASE WHEN field = 'type_code' THEN type_code
                      WHEN starts_with(field, 'features.') THEN facts->'features'->>substr(field, 10)
                      ELSE facts->>field END
          FROM unnest($5::text[]) WITH ORDINALITY AS split (field, place) ORDER BY place) AS texts)
    AS said
WHERE period = $1 AND decided_at >= $2 AND decided_at < $3
GROUP BY day, type_code, stratum, texts, known

-- name: decisions_between
-- What the register says of the decisions from one moment to before another.
SELECT decision_id, case_ref, period, type_code, stratum, decided_at, facts FROM decision
WHERE decided_at >= $1 AND decided_at < $2 ORDER BY decided_at, decision_id

-- name: events_of_cases
-- What happened, of the types of $3, in cases of which a decision was made between two moments, and
-- what happened between them to other decisions.
SELECT case_ref, sequence, type, at, data FROM case_event
WHERE type = ANY($3::text[]) AND at < $2 AND (at >= $1 OR case_ref IN (
    SELECT case_ref FROM decision WHERE decided_at >= $1 AND decided_at < $2))
ORDER BY case_ref, sequence
