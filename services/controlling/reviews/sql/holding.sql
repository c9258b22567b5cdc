-- name: set_hold
-- Lets reviews rest until a day, or go on where it is null; those whose holder is still who was seen.
-- Tells which of them changed.
WITH asked AS (
    SELECT * FROM unnest($1::uuid[], $2::uuid[]) AS asked (id, holder)
), held AS (
    SELECT review.id FROM review JOIN asked ON asked.id = review.id
    WHERE review.account = asked.holder AND state = ANY($3::text[])
    ORDER BY decision_id, round FOR NO KEY UPDATE OF review
)
UPDATE review SET on_hold_until = $4, hold_reason = $5, version = version + 1
FROM held
WHERE review.id = held.id
  AND (on_hold_until, hold_reason) IS DISTINCT FROM ($4::date, $5::text)
RETURNING review.id

-- name: due_before
-- The first last day of some reviews that comes before a day.
SELECT min(due) FROM review WHERE id = ANY($1::uuid[]) AND due < $2
