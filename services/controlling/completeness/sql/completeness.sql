-- name: enter_counts
-- Enters what somebody counted; a later count replaces an earlier one.
INSERT INTO frame_count (counted_by, unit, week, decisions)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::integer[])
ON CONFLICT (counted_by, unit, week) DO UPDATE SET decisions = excluded.decisions

-- name: counted
-- What others counted in some weeks.
SELECT counted_by, week, unit, decisions FROM frame_count WHERE week >= $1 AND week <= $2

-- name: held
-- What the frame holds in some weeks, late decisions included. A unit is what the event names, as
-- others count it: that of the facts, where it differs from what stands behind the second slash of
-- a stratum's key. The two moments only spare reading other years.
SELECT to_char(decided_at AT TIME ZONE $3, 'IYYY-"W"IW') AS week,
    coalesce(facts->>'unit', regexp_replace(stratum, '^[^/]+/[^/]+/', '')) AS unit,
    count(*) AS decisions
FROM decision
WHERE decided_at >= $4 AND decided_at < $5
  AND to_char(decided_at AT TIME ZONE $3, 'IYYY-"W"IW') BETWEEN $1 AND $2
GROUP BY 1, 2

-- name: repeats
-- How many decisions were sent again in some weeks.
SELECT week, unit, repeats FROM frame_repeat WHERE week >= $1 AND week <= $2

-- name: enter_repeats
-- Adds decisions that were sent again.
INSERT INTO frame_repeat (unit, week, repeats)
SELECT * FROM unnest($1::text[], $2::text[], $3::integer[])
ON CONFLICT (unit, week) DO UPDATE SET repeats = frame_repeat.repeats + excluded.repeats

-- name: second_decisions
-- Decisions that came under the id of another one, by when they were taken.
SELECT decision_id, claimed_id, found_at FROM second_decision JOIN decision USING (decision_id)
WHERE decided_at >= $1 AND decided_at < $2 ORDER BY found_at, decision_id

-- name: settlements
-- What was settled in the frame.
SELECT finding, said, settled_by, settled_because, settled_at FROM frame_settlement

-- name: settle_finding
-- Says what became of a finding.
INSERT INTO frame_settlement (finding, said, settled_by, settled_because) VALUES ($1, $2, $3, $4)
ON CONFLICT DO NOTHING

-- name: crowded_hours
-- Hours in which one source sent more than $3 decisions of one of the periods of some days.
SELECT source, hour, arrival.period, sum(decisions)::integer AS decisions
FROM arrival JOIN period ON period.key = arrival.period AND first_day <= $2 AND last_day >= $1
GROUP BY source, hour, arrival.period HAVING sum(decisions) > $3
ORDER BY decisions DESC, hour, source

-- name: crowded_cases
-- Cases with more than $3 decisions in one of the periods of some days.
SELECT case_ref, decision.period, count(*)::integer AS decisions
FROM decision JOIN period ON period.key = decision.period AND first_day <= $2 AND last_day >= $1
GROUP BY case_ref, decision.period HAVING count(*) > $3
ORDER BY decisions DESC, case_ref

-- name: late_reasons
-- Why decisions between two moments were told long after their day, where they say it.
SELECT facts->>'late_reason' AS reason, count(*)::integer AS decisions FROM decision
WHERE decided_at >= $1 AND decided_at < $2 AND facts ? 'late_reason'
GROUP BY reason ORDER BY decisions DESC, reason

-- name: days_held
-- The first and the last day of decisions in the frame; null without. $1 is the authority's time zone.
SELECT (min(decided_at) AT TIME ZONE $1)::date AS first, (max(decided_at) AT TIME ZONE $1)::date AS last FROM decision

-- name: unlisted_types
-- Types of decisions between two moments that stand in the group $3, or in no list at all.
SELECT type_code, count(*)::integer AS decisions FROM decision
WHERE decided_at >= $1 AND decided_at < $2
  AND (split_part(split_part(stratum, '/', 1), '(', 1) = $3 OR type_group = $3
       OR type_code <> ALL($4::text[]))
GROUP BY type_code ORDER BY decisions DESC, type_code
