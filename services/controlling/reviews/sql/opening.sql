-- name: unopened
-- At most $1 entries of the queue that lack reviews, or were asked for again; not those of $2.
SELECT decision_id FROM draw WHERE NOT opened AND decision_id <> ALL($2::text[])
ORDER BY decision_id LIMIT $1

-- name: take_unopened
-- Those of them that still do and that nobody else has taken; nobody else takes them.
SELECT decision_id, drawn_at FROM draw WHERE decision_id = ANY($1::text[]) AND NOT opened
ORDER BY decision_id FOR NO KEY UPDATE SKIP LOCKED

-- name: final_until_now
-- Decisions that one person has reviewed and that are asked of a second one since.
SELECT review.decision_id FROM review JOIN draw USING (decision_id)
WHERE review.decision_id = ANY($1::text[]) AND draw.twice
GROUP BY review.decision_id
HAVING count(*) = 1 AND bool_and(review.state IN ('signed', 'closed'))

-- name: open_reviews
-- Makes the first review of each, and the blind second one where two are to review it. One that is
-- there already gets more urgent if need be, and who may do it is looked at anew.
INSERT INTO review
    (decision_id, period, round, decision_group, unit, priority, state, due, opened_at)
SELECT decision_id, period, round, coalesce(type_group, split_part(split_part(stratum, '/', 1), '(', 1)),
    substring(stratum FROM '^[^/]+/[^/]+/(.+)$'), coalesce(priority, 9), 'waiting', asked.due, $3
FROM unnest($1::text[], $2::date[]) AS asked (decision_id, due)
JOIN draw USING (decision_id)
JOIN decision USING (decision_id)
JOIN (VALUES (1), (2)) AS rounds (round) ON round = 1 OR twice
ORDER BY decision_id, round
ON CONFLICT (decision_id, round) DO UPDATE SET
    priority = least(review.priority, excluded.priority),
    vetted = review.vetted AND review.state IN ('signed', 'closed')

-- name: part_tasks
-- What two are to review isn't a task with others any more, unless somebody has it already.
UPDATE review SET task = NULL FROM draw
WHERE draw.decision_id = ANY($1::text[]) AND draw.twice AND review.state = 'waiting'
  AND (review.decision_id = draw.decision_id OR review.task = draw.decision_id)

-- name: join_twins
-- Reviews of like cases with different outcomes are one task of at most $2, around the case that is
-- the twin of the others. What two review blindly stays apart: beside it nobody can tell who is the
-- second one.
WITH found AS (
    SELECT review.id, review.decision_id, middle.decision_id AS task
    FROM review JOIN draw USING (decision_id) JOIN twin_case USING (decision_id)
    JOIN draw AS middle ON middle.decision_id = coalesce(twin_case.twin, twin_case.decision_id)
    WHERE review.decision_id = ANY($1::text[]) AND review.task IS NULL
      AND 'twin' = ANY(draw.reasons) AND NOT draw.twice AND NOT middle.twice
), placed AS (
    SELECT id, task, (SELECT count(*) FROM review WHERE review.task = found.task)
        + row_number() OVER (PARTITION BY task ORDER BY decision_id <> task, id) AS place
    FROM found
)
UPDATE review SET task = placed.task FROM placed WHERE review.id = placed.id AND place <= $2

-- name: note_opened
-- Notes of entries of the queue that they have their reviews.
UPDATE draw SET opened = true WHERE decision_id = ANY($1::text[])

-- name: open_third
-- Opens the review of who settles where two differ.
INSERT INTO review
    (decision_id, period, round, decision_group, unit, priority, state, due, opened_at, vetted)
SELECT decision_id, period, 3, decision_group, unit, priority, 'waiting', $2, $3, true
FROM review WHERE decision_id = $1 AND round = 1
ON CONFLICT (decision_id, round) DO NOTHING

-- name: overdue
-- At most $2 reviews whose last day has passed and of which nobody was told so yet; not those of $3.
SELECT id FROM review
WHERE due < $1 AND state NOT IN ('signed', 'closed') AND overdue_at IS NULL
  AND id <> ALL($3::text[]::uuid[])
ORDER BY due, id LIMIT $2

-- name: take_overdue
-- Notes of those of them that are still open, and that nobody else notes, that it is told.
WITH next AS (
    SELECT id FROM review
    WHERE id = ANY($1::uuid[]) AND state NOT IN ('signed', 'closed') AND overdue_at IS NULL
    ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE review SET overdue_at = $2 FROM next WHERE review.id = next.id
RETURNING review.decision_id, review.due
