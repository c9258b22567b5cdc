-- name: known_units
-- Every unit that an organisation file in use has ever had.
SELECT key FROM known_unit ORDER BY key

-- name: remember_units
-- Notes units; those that are known stay as they are.
INSERT INTO known_unit (key) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING
