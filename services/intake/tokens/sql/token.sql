-- name: create
INSERT INTO source_token (id, system, hash, begins_at, ends_at) VALUES ($1, $2, $3, $4, $5)

-- name: every
-- All tokens there ever were, the newest last.
SELECT id, system, begins_at, ends_at, revoked_at, last_used FROM source_token
ORDER BY created_at, id

-- name: revoke
-- Ends a token now; says nothing of one that has ended or that there isn't.
UPDATE source_token SET revoked_at = now() WHERE id = $1 AND revoked_at IS NULL
RETURNING system

-- name: usable
-- Tokens that can be used now or later.
SELECT id, system, hash, begins_at, ends_at FROM source_token
WHERE revoked_at IS NULL AND (ends_at IS NULL OR ends_at > now())

-- name: note_use
-- Notes the day on which tokens were used; a write per token and day.
UPDATE source_token SET last_used = $2
WHERE id = ANY($1::text[]) AND last_used IS DISTINCT FROM $2
