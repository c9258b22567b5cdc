-- name: closed_period
-- One closed period, by its key or the last one.
SELECT key, first_day, last_day, opened_at, commitment, commitment_form, time_stamp, policy_version,
    policy, catalogue, witness, witness_roles, witnessed_at, simulated, closing, closed_at,
    closed_entries
FROM period
WHERE key = $1 OR ($1 IS NULL AND closed_at IS NOT NULL) ORDER BY last_day DESC LIMIT 1

-- name: public_records
-- What everybody may know of all periods or of one, the newest first: no seed, no decision.
SELECT key, first_day, last_day, opened_at, commitment, commitment_form, time_stamp, policy_version,
    policy, catalogue, witness, witness_roles, witnessed_at, simulated, closing, closed_at,
    EXISTS (SELECT FROM register_gap WHERE register_gap.period = key) AS incomplete
FROM period WHERE $1::text IS NULL OR key = $1 ORDER BY last_day DESC, key DESC

-- name: sampling_frame
-- The frame of a period whose register has no chain, and its sample, stratum by stratum and ticket by
-- ticket; then what arrived late.
SELECT decision_id, type_code, stratum, to_char(decided_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS decided,
    to_char(registered_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS registered, ticket, inclusion_probability,
    late, corrected_at IS NOT NULL AS corrected, withdrawn_at IS NOT NULL AS withdrawn,
    CASE WHEN reasons && '{random,late}' THEN 'random' WHEN 'top_up' = ANY(reasons) THEN 'top_up' END
        AS drawn
FROM decision LEFT JOIN draw USING (decision_id)
WHERE period = $1
ORDER BY late, stratum COLLATE "C", ticket, decision_id COLLATE "C"

-- name: chained_frame
-- The register of a period and its sample, in the order of its chain; what is gone from it is none of them,
-- also where it came again.
SELECT decision_id, type_code, stratum, to_char(decided_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS decided,
    to_char(registered_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS registered, ticket, inclusion_probability,
    late, corrected_at IS NOT NULL AS corrected, withdrawn_at IS NOT NULL AS withdrawn,
    CASE WHEN reasons && '{random,late}' THEN 'random' WHEN 'top_up' = ANY(reasons) THEN 'top_up' END
        AS drawn
FROM register_block
CROSS JOIN LATERAL unnest(decision_ids) WITH ORDINALITY AS entry (decision_id, place)
JOIN decision USING (decision_id) LEFT JOIN draw USING (decision_id)
WHERE register_block.period = $1 AND NOT EXISTS (
    SELECT FROM register_gap AS gap WHERE gap.period = $1 AND gap.entry = preceding + place)
ORDER BY preceding, place

-- name: summaries
-- All periods with what they hold.
SELECT key, first_day, last_day, opened_at, closed_at, period.policy_version, policy, commitment,
    time_stamp, witnessed_at, simulated, count(*) FILTER (WHERE NOT late) AS decisions,
    count(*) FILTER (WHERE drawn) AS drawn, count(*) FILTER (WHERE late) AS late
FROM period LEFT JOIN decision ON decision.period = period.key
GROUP BY key ORDER BY last_day
