-- name: uncompared
-- About $1 decisions that may not yet have been compared with others, in the order of their coming.
SELECT batch, decision_ids FROM (
    SELECT batch, decision_ids, sum(size) OVER (ORDER BY batch) - size AS before
    FROM uncompared ORDER BY batch LIMIT $1) AS waiting
WHERE before < $1

-- name: unsought
-- At most $1 decisions whose twins were not yet looked for, though they stand among those that can
-- have some.
SELECT decision_id FROM twin_case WHERE NOT sought ORDER BY decision_id LIMIT $1

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

-- name: periods
-- With which policy periods opened, and their seeds, sealed, with what was witnessed; the latest last.
SELECT key, policy, sealed_seed, witness FROM period
WHERE key = ANY($1::text[]) AND policy IS NOT NULL ORDER BY last_day, key

-- name: enter_twin_cases
-- Enters decisions that can have twins; theirs are looked for afterwards.
INSERT INTO twin_case (decision_id, case_ref, block, direction, decided_at, features, sought)
SELECT *, false
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::jsonb[])

-- name: seeking
-- Those of some decisions whose twins were not yet looked for.
SELECT decision_id, twin_case.case_ref, block, direction, decision.decided_at, features, period
FROM twin_case JOIN decision USING (decision_id)
WHERE decision_id = ANY($1::text[]) AND NOT sought

-- name: twin_cases
-- Decisions of a direction that may be twins of others; with $5, only those that have none.
SELECT decision_id, case_ref, block, decided_at, features FROM twin_case
WHERE block = ANY($1::text[]) AND direction = $2 AND decided_at BETWEEN $3 AND $4
  AND (twin IS NULL OR NOT $5)

-- name: hold_twin_cases
-- In one order, or two who look at once would each wait for what the other has changed.
SELECT FROM twin_case WHERE decision_id = ANY($1::text[]) ORDER BY decision_id FOR NO KEY UPDATE

-- name: note_sought
-- Notes that twins were looked for.
UPDATE twin_case SET sought = true WHERE decision_id = ANY($1::text[])

-- name: pair_twins
-- Notes twins that were found, of decisions that have none yet.
UPDATE twin_case SET twin = pair.twin, distance = pair.distance, found_at = $4
FROM unnest($1::text[], $2::text[], $3::numeric[]) AS pair (decision_id, twin, distance)
WHERE twin_case.decision_id = pair.decision_id AND twin_case.twin IS NULL

-- name: undrawn_before
-- Whether pairs wait for their round since before a moment.
SELECT EXISTS (SELECT FROM twin_case WHERE found_at < $1 AND round IS NULL)

-- name: hold_rounds
-- One at a time draws.
LOCK TABLE twin_round IN SHARE ROW EXCLUSIVE MODE

-- name: candidates
-- All pairs that were found before a moment and wait for their round.
SELECT decision_id, twin, distance, period FROM twin_case JOIN decision USING (decision_id)
WHERE found_at < $1 AND round IS NULL ORDER BY decision_id

-- name: drawn_in_week
-- How many pairs were drawn for a week already.
SELECT coalesce(sum(drawn), 0) FROM twin_round WHERE week = $1

-- name: open_round
-- Enters a round.
INSERT INTO twin_round (week, policy_version, budget, among, drawn, drawn_at)
VALUES ($1, $2, $3, $4, $5, $6) RETURNING number

-- name: note_round
-- Notes with which ticket and chance pairs took part in a round.
UPDATE twin_case SET round = $1, ticket = pair.ticket, chance = pair.chance
FROM unnest($2::text[], $3::text[], $4::numeric[]) AS pair (decision_id, ticket, chance)
WHERE twin_case.decision_id = pair.decision_id

-- name: rounds
-- All rounds, the last first.
SELECT number, week, policy_version, budget, among, drawn, drawn_at FROM twin_round
ORDER BY number DESC

-- name: round_of
-- The pairs of a round, with what anybody needs to draw them again once their periods are closed.
SELECT decision_id, twin, distance, twin_case.ticket, chance, period, closing, witness,
    EXISTS (SELECT FROM draw WHERE draw.decision_id = twin_case.decision_id AND 'twin' = ANY(reasons))
        AS drawn
FROM twin_case JOIN decision USING (decision_id) JOIN period ON period.key = decision.period
WHERE round = $1 ORDER BY distance, twin_case.ticket, decision_id
