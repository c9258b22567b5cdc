-- name: note
-- Notes keys that no list has, for operators.
INSERT INTO unlisted_key (source, field, key)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[])
ON CONFLICT DO NOTHING

-- name: every
-- Keys that no list had when they came.
SELECT source, field, key, first_at FROM unlisted_key ORDER BY source, field, key

-- name: forget
-- Forgets such keys, of whatever source.
DELETE FROM unlisted_key USING unnest($1::text[], $2::text[]) AS listed (field, key)
WHERE unlisted_key.field = listed.field AND unlisted_key.key = listed.key
