-- name: replan
-- Messages whose times were reckoned from a clock that was ahead leave when they would have, had it
-- been right. A day that an event names ($1: more than clocks differ) stays as it was planned; a
-- pause or a lease that is longer than any ($2) was begun by such a clock.
WITH ahead AS (
    SELECT id, greatest(entered_at - now(), interval '0') AS ahead,
           CASE WHEN wanted_at BETWEEN entered_at - $1::interval
                               AND entered_at + interval '1 minute' THEN now()
                ELSE wanted_at END AS wanted,
           state = 'held' AND wanted_at IS NULL AND due_at = planned_at
               AND due_at NOT BETWEEN entered_at AND entered_at + interval '1 minute' AS named
    FROM message
    WHERE due_at > now() + $1::interval
      AND (entered_at > now() + $1::interval
           OR state IN ('planned', 'sending') AND due_at > now() + $2::interval)
      AND state IN ('planned', 'held', 'sending')
    ORDER BY id
    LIMIT $3
    FOR UPDATE SKIP LOCKED
)
UPDATE message
SET entered_at = least(entered_at, now()),
    planned_at = CASE WHEN named THEN planned_at
                      WHEN wanted IS NOT NULL THEN greatest(wanted, planned_at - ahead.ahead)
                      ELSE least(planned_at, now()) END,
    due_at = CASE WHEN named THEN due_at
                  WHEN wanted IS NOT NULL THEN greatest(wanted, due_at - ahead.ahead)
                  ELSE now() END,
    wanted_at = wanted
FROM ahead
WHERE message.id = ahead.id
RETURNING NOT named AS moved
