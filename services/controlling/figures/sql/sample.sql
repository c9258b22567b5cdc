-- name: drawn_at_random
-- What chance drew of a period, in the order of the draw.
SELECT decision_id, stratum FROM decision WHERE period = $1 AND drawn
ORDER BY stratum COLLATE "C", ticket, decision_id COLLATE "C"

-- name: late_decisions
-- How many decisions of a period came after its close.
SELECT count(*) FROM decision WHERE period = $1 AND late
