-- name: standing
-- What a loop has to mind: items that are passed over, and those an operator lets it try again.
SELECT item, state, first_failed_at FROM held_item
WHERE loop = $1 AND state IN ('held', 'retrying', 'dismissed')

-- name: hold
-- Sets an item aside; one that was dismissed meanwhile stays so.
INSERT INTO held_item (loop, item, reason) VALUES ($1, $2, $3)
ON CONFLICT (loop, item) DO UPDATE
SET reason = excluded.reason, attempts = held_item.attempts + 1, last_failed_at = now(),
    state = CASE held_item.state WHEN 'dismissed' THEN 'dismissed' ELSE 'held' END

-- name: done
-- Notes that items that were tried again went through.
UPDATE held_item SET state = 'done'
WHERE loop = $1 AND item = ANY($2::text[]) AND state = 'retrying'

-- name: find
-- Held items of one service, oldest first, at most $4; a filter that is NULL lets everything through.
SELECT id, loop, item, reason, attempts, first_failed_at, last_failed_at, state, settled_at,
       settled_by, settled_because
FROM held_item
WHERE ($1::text IS NULL OR loop = $1) AND ($2::text IS NULL OR state = $2)
  AND ($3::uuid IS NULL OR id = $3)
ORDER BY first_failed_at, loop, item
LIMIT $4

-- name: backlog
-- How many items of one service are passed over, and since when the oldest is.
SELECT count(*) AS items, min(first_failed_at) AS since, now() AS now FROM held_item WHERE state = 'held'

-- name: state_of
-- Holds one row, so that two operators can't settle it at once.
SELECT state FROM held_item WHERE id = $1 FOR UPDATE

-- name: settle
-- Notes what is to become of an item, by whom and why: the audit entry.
UPDATE held_item SET state = $2, settled_at = now(), settled_by = $3, settled_because = $4
WHERE id = $1

-- name: let_go
-- Lets loops try again what they hold, by whom and why.
UPDATE held_item SET state = 'retrying', settled_at = now(), settled_by = $3, settled_because = $4
WHERE loop = ANY($1::text[]) AND item = $2 AND state = 'held'
