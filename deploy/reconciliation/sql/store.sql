-- name: keep
-- Notes what the last look found, in the place of the one before.
INSERT INTO controlling.reconciliation (at, missing, surplus, unknown, overrun) VALUES (now(), $1, $2, $3, $4)
ON CONFLICT (single) DO UPDATE SET at = excluded.at, missing = excluded.missing,
    surplus = excluded.surplus, unknown = excluded.unknown, overrun = excluded.overrun

-- name: last
SELECT at, missing, surplus, unknown, overrun FROM controlling.reconciliation
