-- name: enter_counts
-- Enters what somebody counted; a later count replaces an earlier one.
INSERT INTO frame_count (counted_by, unit, week, decisions)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::integer[])
ON CONFLICT (counted_by, unit, week) DO UPDATE SET decisions = excluded.decisions

-- name: counted
-- What others counted in some weeks.
SELECT counted_by, week, unit, decisions FROM frame_count WHERE week >= $1 AND week <= $2

-- name: held
-- What the frame holds in some weeks, late decisions included. A unit is what stands behind the
-- second slash of a stratum's key. The two moments only spare reading other years.
SELECT to_char(decided_at AT TIME ZONE $3, 'IYYY-"W"IW') AS week,
    regexp_replace(stratum, '^[^/]+/[^/]+/', '') AS unit, count(*) AS decisions
FROM decision
WHERE decided_at >= $4 AND decided_at < $5
  AND to_char(decided_at AT TIME ZONE $3, 'IYYY-"W"IW') BETWEEN $1 AND $2
GROUP BY 1, 2
