-- name: hold_reviewer
-- What decides about a reviewer whatever the review; nobody else gives them any until the
-- transaction ends.
SELECT id AS account, role = 'leadership' AS leads, locked_at IS NOT NULL AS locked, groups, share,
    absent_from, absent_until
FROM account WHERE id = $1 FOR NO KEY UPDATE

-- name: take_next
-- Gives somebody the most urgent review that waits and that they may do; who has one that they
-- haven't begun gets that one again, unless it rests. Of a task it is the first one, so that two who
-- ask at once don't part it; a task of which they may not do all comes when nothing else waits.
WITH untouched AS (
    SELECT id, decision_id, due FROM review
    WHERE account = $1 AND state = 'assigned' AND (on_hold_until IS NULL OR on_hold_until < $4)
    ORDER BY priority, due, id LIMIT 1
), whole AS (
    SELECT id FROM review AS waiting
    WHERE state = 'waiting' AND NOT EXISTS (SELECT FROM untouched)
      AND may_be_given(waiting, $1, $2)
      AND NOT EXISTS (SELECT FROM review AS beside
                      WHERE beside.task = waiting.task AND beside.state = 'waiting'
                        AND ((beside.priority, beside.due, beside.id)
                             < (waiting.priority, waiting.due, waiting.id)
                             OR NOT may_be_given(beside, $1, $2)))
    ORDER BY priority, due, id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
), part AS (
    SELECT id FROM review AS waiting
    WHERE state = 'waiting' AND NOT EXISTS (SELECT FROM untouched)
      AND NOT EXISTS (SELECT FROM whole)
      AND task IS NOT NULL AND may_be_given(waiting, $1, $2)
      AND EXISTS (SELECT FROM review AS beside
                  WHERE beside.task = waiting.task AND beside.state = 'waiting'
                    AND NOT may_be_given(beside, $1, $2))
    ORDER BY priority, due, id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
), given AS (
    UPDATE review SET state = 'assigned', account = $1, assigned_at = $3, reason = NULL,
        version = version + 1
    FROM (SELECT id FROM whole UNION ALL SELECT id FROM part) AS next
    WHERE review.id = next.id
    RETURNING review.id, review.decision_id, review.due
)
SELECT id, decision_id, due, true AS changed FROM given
UNION ALL SELECT id, decision_id, due, false FROM untouched

-- name: together
-- What goes with reviews: whatever of their tasks the same person has, or what waits as they do.
SELECT DISTINCT ON (each.decision_id, each.round) each.id, asked.seen
FROM unnest($1::uuid[], $2::uuid[]) AS asked (id, seen)
JOIN review ON review.id = asked.id
CROSS JOIN LATERAL (
    SELECT review.id, review.decision_id, review.round
    UNION ALL SELECT other.id, other.decision_id, other.round FROM review AS other
    WHERE other.task = review.task AND other.id <> review.id AND other.state = ANY($3::text[])
      AND other.account IS NOT DISTINCT FROM asked.seen
) AS each
ORDER BY each.decision_id, each.round, each.id = asked.id DESC

-- name: assign
-- Gives somebody reviews, each from the holder that one saw, and tells who has each then. What
-- changed meanwhile, what they may not do, and a second review of one decision stay as they are.
WITH asked AS (
    SELECT * FROM unnest($2::uuid[], $3::uuid[]) AS asked (id, seen)
), held AS (
    SELECT review.id, review.decision_id, review.account, review.state, review.due, asked.seen
    FROM review JOIN asked ON asked.id = review.id
    ORDER BY review.decision_id, review.round FOR NO KEY UPDATE OF review
), fit AS (
    SELECT id, row_number() OVER (PARTITION BY review.decision_id ORDER BY review.round) AS place
    FROM held JOIN review USING (id)
    WHERE held.state = ANY($6::text[]) AND held.account IS NOT DISTINCT FROM seen
      AND held.account IS DISTINCT FROM $1
      AND may_be_given(review, $1, $4::text[])
), given AS (
    UPDATE review SET state = 'assigned', account = $1, assigned_at = $5, taken_at = NULL,
        form = NULL, form_digest = NULL, questions = NULL, reason = NULL, on_hold_until = NULL,
        hold_reason = NULL, version = version + 1
    FROM fit WHERE review.id = fit.id AND fit.place = 1
    RETURNING review.id
)
SELECT held.id, held.decision_id, held.due, given.id IS NOT NULL AS changed,
    CASE WHEN given.id IS NULL THEN held.account ELSE $1 END AS account
FROM held LEFT JOIN given ON given.id = held.id
ORDER BY held.id

-- name: let_go
-- Somebody has a review no more; it waits for others at once.
UPDATE review SET state = 'waiting', account = NULL, assigned_at = NULL, taken_at = NULL,
    form = NULL, form_digest = NULL, questions = NULL, reason = $2, on_hold_until = NULL,
    hold_reason = NULL, version = version + 1
WHERE id = $1

-- name: declare_conflict
-- From now on somebody may not review a decision.
SELECT declare_conflict($1, $2)

-- name: waiting_with_allowed
-- At most $1 reviews that wait and are on the board, the most urgent first, each with those who may do it.
SELECT review.id AS review, review.decision_id AS decision, review.round, review.task, coalesce(
    (SELECT array_agg(account.id) FROM account
     WHERE account.role = 'leadership' AND account.locked_at IS NULL
       AND may_be_given(review, account.id, account.groups)), '{}') AS allowed
FROM review WHERE state = 'waiting' AND id IN (SELECT id FROM board_review)
ORDER BY priority, due, id LIMIT $1

-- name: load_of_reviewers
-- Everybody who reviews, with what they have and are to do; what rests isn't to do now.
SELECT account.id AS account, account.name, account.unit, true AS leads,
    account.locked_at IS NOT NULL AS locked, account.groups, account.share, account.absent_from,
    account.absent_until,
    count(review.id) FILTER (WHERE on_hold_until IS NULL OR on_hold_until < $1) AS open,
    count(review.id) FILTER (WHERE on_hold_until >= $1) AS on_hold,
    count(review.id) FILTER (WHERE review.due < $1) AS overdue
FROM account LEFT JOIN board_review AS review ON review.account = account.id
    AND review.state IN ('assigned', 'taken', 'in_review')
WHERE account.role = 'leadership' AND account.locked_at IS NULL
GROUP BY account.id ORDER BY account.name, account.id
