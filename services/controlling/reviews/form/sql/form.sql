-- name: own_review
-- One of somebody's reviews.
SELECT id, decision_id, round, state, form_digest FROM review WHERE id = $1 AND account = $2
