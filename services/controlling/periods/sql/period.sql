-- name: lock_periods
-- The periods that are open or closed; none of them closes before this transaction ends. The
-- lock waits for a close that is under way and then sees it.
SELECT key, sealed_seed, policy, catalogue, witness, closed_at IS NOT NULL AS closed
FROM period WHERE key = ANY($1::text[]) ORDER BY key FOR KEY SHARE

-- name: open_periods
-- Opens periods; a rival who opened one first keeps its seed.
INSERT INTO period (key, first_day, last_day, sealed_seed, commitment, policy_version, policy,
    catalogue, commitment_form)
SELECT key, first_day, last_day, sealed_seed, commitment, policy_version, policy, catalogue, $9
FROM unnest($1::text[], $2::date[], $3::date[], $4::bytea[], $5::text[], $6::text[], $7::text[],
        $8::text[])
    AS batch (key, first_day, last_day, sealed_seed, commitment, policy_version, policy, catalogue)
ORDER BY key
ON CONFLICT DO NOTHING
RETURNING key

-- name: open_periods_with_policy
-- What may be due to close.
SELECT key, last_day, opened_at, policy, simulated FROM period
WHERE closed_at IS NULL AND policy IS NOT NULL ORDER BY key

-- name: hold_period
-- One period, held against whoever registers or closes.
SELECT key, last_day, sealed_seed, policy, witness, closed_at FROM period WHERE key = $1 FOR UPDATE

-- name: count_strata
-- How many decisions each stratum holds and how many are drawn.
SELECT stratum, count(*) AS size, count(*) FILTER (WHERE drawn) AS drawn
FROM decision WHERE period = $1 GROUP BY stratum ORDER BY stratum COLLATE "C"

-- name: top_up
-- Draws the next smallest tickets of the strata that fall short.
UPDATE decision SET drawn = true
FROM (SELECT chosen.decision_id
      FROM unnest($2::text[], $3::integer[]) AS short (stratum, missing)
      CROSS JOIN LATERAL (
          SELECT decision_id FROM decision AS waiting
          WHERE waiting.period = $1 AND waiting.stratum = short.stratum AND NOT waiting.drawn
          ORDER BY waiting.ticket, waiting.decision_id LIMIT short.missing) AS chosen) AS next
WHERE decision.decision_id = next.decision_id
RETURNING decision.decision_id, decision.stratum

-- name: forget_candidates
-- Nobody else of the period will be drawn, so their deciders need not be known.
DELETE FROM candidate WHERE period = $1

-- name: close_period
-- Closes the period for good, with what is published.
UPDATE period SET closed_at = $2, closing = $3, closed_entries = $4 WHERE key = $1

-- name: hold_promise
-- One period, held against whoever registers in it: their lock waits, and then sees the new row.
SELECT first_day, commitment, time_stamp, witnessed_at FROM period WHERE key = $1 FOR UPDATE

-- name: keep_witness
-- Keeps what was witnessed, where no ticket of the period is made yet.
UPDATE period SET witness = $2, witness_roles = $3, witnessed_at = $4
WHERE key = $1 AND witness IS NULL AND NOT EXISTS (SELECT FROM decision WHERE period = $1)

-- name: simulated
-- Periods with the clock of an invented authority.
SELECT key FROM period WHERE simulated ORDER BY first_day, key
