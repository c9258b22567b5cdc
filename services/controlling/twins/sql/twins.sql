-- name: hold_twins
-- One at a time looks for twins, so that of two decisions the later one meets the other.
LOCK TABLE twin_case IN SHARE ROW EXCLUSIVE MODE

-- name: uncompared
-- About $1 decisions that may not yet have been compared with others, in the order of their coming.
SELECT batch, decision_ids FROM (
    SELECT batch, decision_ids, sum(size) OVER (ORDER BY batch) - size AS before
    FROM uncompared ORDER BY batch LIMIT $1) AS waiting
WHERE before < $1

-- name: forget_uncompared
-- Forgets batches.
DELETE FROM uncompared WHERE batch = ANY($1::bigint[])

-- name: take_uncompared
-- Those that were not yet compared; from now on they count as compared.
WITH next AS (
    SELECT decision_id FROM decision
    WHERE NOT compared AND decision_id = ANY($1::text[])
    ORDER BY decision_id FOR NO KEY UPDATE
)
UPDATE decision SET compared = true FROM next
WHERE decision.decision_id = next.decision_id
RETURNING decision.decision_id, case_ref, period, type_code, stratum, decided_at, facts

-- name: periods_of
-- The periods of decisions.
SELECT decision_id, period FROM decision WHERE decision_id = ANY($1::text[])

-- name: await_again
-- Puts decisions of a period where those wait that were not yet compared, $2 in a row.
INSERT INTO uncompared (size, decision_ids)
SELECT count(*), array_agg(decision_id)
FROM (SELECT decision_id, row_number() OVER (ORDER BY decision_id) / $2::integer AS batch
      FROM decision WHERE NOT compared AND period = $1) AS waiting
GROUP BY batch

-- name: policies
-- The policies with which periods opened.
SELECT key, policy FROM period WHERE key = ANY($1::text[]) AND policy IS NOT NULL

-- name: enter_twin_cases
-- Enters decisions that can have twins.
INSERT INTO twin_case (decision_id, case_ref, block, direction, decided_at, features)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::jsonb[])

-- name: twin_cases
-- Decisions of a direction that may be twins of new ones; with $5, only those that have none.
SELECT decision_id, case_ref, block, decided_at, features FROM twin_case
WHERE block = ANY($1::text[]) AND direction = $2 AND decided_at BETWEEN $3 AND $4
  AND (twin IS NULL OR NOT $5)

-- name: pair_twins
-- Notes twins that were found.
UPDATE twin_case SET twin = pair.twin, distance = pair.distance
FROM unnest($1::text[], $2::text[], $3::numeric[]) AS pair (decision_id, twin, distance)
WHERE twin_case.decision_id = pair.decision_id
