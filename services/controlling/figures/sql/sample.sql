-- name: drawn_at_random
-- What chance drew of a period, in the order of the draw, without what came too late.
SELECT decision_id, stratum FROM decision WHERE period = $1 AND drawn AND NOT late
ORDER BY stratum COLLATE "C", ticket, decision_id COLLATE "C"

-- name: late_decisions
-- What came too late: of a period, registered in it once it was closed, or in a later one; and of
-- earlier periods, registered in this one. The period's days lie between $2 and $3.
SELECT count(*) FILTER (WHERE here AND NOT own) AS undrawn,
    count(*) FILTER (WHERE here AND own) AS earlier,
    array_agg(decision_id) FILTER (WHERE here AND own AND drawn) AS drawn,
    array_agg(period) FILTER (WHERE NOT here) AS elsewhere
FROM decision, LATERAL (SELECT period = $1 AS here, starts_with(stratum, 'late/') AS own) AS said
WHERE late AND (period = $1 OR decided_at >= $2 AND decided_at < $3)
