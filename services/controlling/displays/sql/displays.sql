-- name: create
INSERT INTO display (id, place, office, hash) VALUES ($1, $2, $3, $4)

-- name: every
-- All displays there ever were, the newest last.
SELECT id, place, office, created_at, revoked_at, last_used, uses FROM display ORDER BY created_at, id

-- name: revoke
-- Ends a display's key now; says nothing of one that has ended or that there isn't.
UPDATE display SET revoked_at = now() WHERE id = $1 AND revoked_at IS NULL RETURNING place

-- name: use
-- Notes that somebody came with a key, and gives whose it is; nothing for a key that is none.
UPDATE display SET uses = uses + 1, last_used = now() WHERE hash = $1 AND revoked_at IS NULL
RETURNING id, office
