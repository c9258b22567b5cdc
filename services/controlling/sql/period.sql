-- name: read_periods
-- The seeds of periods that are open.
SELECT key, sealed_seed FROM period WHERE key = ANY($1::text[])

-- name: open_periods
-- Opens periods; a rival who opened one first keeps its seed.
INSERT INTO period (key, first_day, last_day, sealed_seed, commitment, policy_version)
SELECT key, first_day, last_day, sealed_seed, commitment, $6
FROM unnest($1::text[], $2::date[], $3::date[], $4::bytea[], $5::text[])
    AS batch (key, first_day, last_day, sealed_seed, commitment)
ORDER BY key
ON CONFLICT DO NOTHING
RETURNING key
