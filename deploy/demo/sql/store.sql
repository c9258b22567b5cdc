-- name: set_back
-- Lets periods have been opened at a moment of the invented authority's clock, and marks them for good.
UPDATE period SET opened_at = $2, simulated = true WHERE key = ANY($1::text[])

-- name: unwitnessed
-- Simulated periods that can still be witnessed, also those of a run that was killed.
SELECT key, commitment, opened_at, time_stamp FROM period
WHERE simulated AND witness IS NULL AND NOT EXISTS (SELECT FROM decision WHERE period = key)
ORDER BY key
