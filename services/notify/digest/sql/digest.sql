-- name: hold_digest
-- Takes a day for a while, unless it is done or another process has it; gives what to tell: the
-- tasks still open that were opened since the last day that was told, counted once, when the day is
-- first taken.
INSERT INTO digest (day, until, amount, held_until)
SELECT $1, $2,
       (SELECT count(*) FROM task
        WHERE done_at IS NULL AND opened_at <= $2
          AND opened_at > coalesce((SELECT max(until) FROM digest WHERE day < $1 AND done_at IS NOT NULL), '-infinity')),
       $2 + $3::interval
ON CONFLICT (day) DO UPDATE SET held_until = excluded.held_until
WHERE digest.done_at IS NULL AND digest.held_until <= $2
RETURNING amount

-- name: end_digest
-- Writes down that staff have been told, or that there was nothing to tell.
UPDATE digest SET done_at = $2 WHERE day = $1
