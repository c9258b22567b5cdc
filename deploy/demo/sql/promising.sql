-- name: set_back
-- Lets periods have been opened at a moment of the invented authority's clock, and marks them for good.
UPDATE period SET opened_at = $2, simulated = true WHERE key = ANY($1::text[])
RETURNING key, commitment
