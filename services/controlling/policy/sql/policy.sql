-- name: hold_policies
-- Lets nobody schedule a policy before this transaction ends; those who open periods share it.
LOCK TABLE policy IN SHARE MODE

-- name: change_policies
-- Waits for periods that are being opened, and lets nobody else open or schedule.
LOCK TABLE policy IN SHARE ROW EXCLUSIVE MODE

-- name: scheduled_policies
-- Every policy that was scheduled, in that order.
SELECT document, withdrawn_at IS NOT NULL AS withdrawn FROM policy ORDER BY position

-- name: schedule_policy
-- Enters a policy.
INSERT INTO policy (version, valid_from, document, scheduled_at) VALUES ($1, $2, $3, $4)

-- name: withdraw_policy
-- Notes that a policy was withdrawn.
UPDATE policy SET withdrawn_at = $2 WHERE version = $1

-- name: bind_version
-- Binds a version to a digest unless it is bound; of two who do, the second waits and sees the first's.
INSERT INTO policy_digest (version, digest) VALUES ($1, $2)
ON CONFLICT (version) DO UPDATE SET digest = policy_digest.digest
RETURNING digest

-- name: begun_until
-- The last day of the last period that has opened.
SELECT max(last_day) FROM period

-- name: last_lots
-- The last closed period before a day that held decisions, with its policy and its counts.
SELECT policy, closing FROM period
WHERE last_day < $1 AND closing IS NOT NULL AND policy IS NOT NULL
    AND closing::jsonb -> 'strata' <> '[]'::jsonb
ORDER BY last_day DESC LIMIT 1

-- name: lots_of
-- One period with its policy and its counts, as far as it has them.
SELECT policy, closing, first_day, last_day FROM period WHERE key = $1

-- name: lot_results
-- How the samples of periods before a day came out, in the order of the periods; by their numbers
-- it is seen which closed periods have no result.
SELECT stratum, inspection, result, may_reduce, steady, put_right, number
FROM lot_result
JOIN (SELECT key, last_day, row_number() OVER (ORDER BY last_day, key) AS number
      FROM period WHERE closed_at IS NOT NULL) AS closed ON closed.key = lot_result.period
WHERE last_day < $1
ORDER BY last_day, stratum COLLATE "C"

-- name: lots_held
-- In which strata each closed period before a day held decisions; numbered as above.
SELECT number, counted.stratum
FROM (SELECT last_day, closing, row_number() OVER (ORDER BY last_day, key) AS number
      FROM period WHERE closed_at IS NOT NULL) AS closed
CROSS JOIN LATERAL
    jsonb_to_recordset(closing::jsonb -> 'strata') AS counted (stratum text, size bigint)
WHERE last_day < $1 AND closing IS NOT NULL AND size > 0

-- name: enter_result
-- Enters how a sample came out, and what leadership says beside it; a correction replaces it.
INSERT INTO lot_result
    (period, stratum, inspection, errors, result, may_reduce, steady, put_right, entered_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (period, stratum) DO UPDATE SET
    errors = EXCLUDED.errors, result = EXCLUDED.result, may_reduce = EXCLUDED.may_reduce,
    steady = EXCLUDED.steady, put_right = EXCLUDED.put_right, entered_at = EXCLUDED.entered_at

-- name: count_result
-- Enters how a sample came out as signed reviews show it; what leadership said beside it stays.
INSERT INTO lot_result (period, stratum, inspection, errors, result, may_reduce, steady, put_right,
    entered_at, counted)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, true)
ON CONFLICT (period, stratum) DO UPDATE SET
    errors = EXCLUDED.errors, result = EXCLUDED.result, entered_at = EXCLUDED.entered_at,
    counted = true
WHERE NOT lot_result.counted OR lot_result.errors <> EXCLUDED.errors
RETURNING true

-- name: counted_errors
-- How many errors signed reviews showed in a sample.
SELECT errors FROM lot_result WHERE period = $1 AND stratum = $2 AND counted
