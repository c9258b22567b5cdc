-- name: things_of_case
-- What the log calls the things of a case: its messages and decisions, their reviews and findings. $1 names the
-- case, or one of its decisions.
WITH named AS (
    SELECT unnest($1::text[]) AS case_ref UNION SELECT case_ref FROM decision WHERE decision_id = ANY($1)
), known AS (
    SELECT decision_id FROM named JOIN decision USING (case_ref)
)
SELECT 'messages:' || case_ref AS object FROM named
UNION SELECT decision_id FROM known
UNION SELECT 'review:' || review.id FROM known JOIN review USING (decision_id)
UNION SELECT 'finding' || sign || number
FROM known JOIN finding USING (decision_id) CROSS JOIN unnest(ARRAY['-', ':']) AS sign
