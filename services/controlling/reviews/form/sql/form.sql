-- name: own_review
-- One of somebody's reviews, and whether there is a like case with another outcome.
SELECT id, decision_id, round, state, form_digest, task, signed_at, review.decision_group AS group,
    'twin' = ANY(draw.reasons) AS has_twin
FROM review JOIN draw USING (decision_id) WHERE id = $1 AND account = $2

-- name: beside
-- What else somebody has opened of the task of a review: the case in its middle first, then what is
-- to be done.
SELECT other.id, other.decision_id, other.round, other.state, other.form_digest, other.task,
    other.signed_at, other.decision_group AS group, true AS has_twin
FROM review JOIN review AS other ON other.task = review.task AND other.account = review.account
WHERE review.id = $1 AND other.id <> review.id AND other.state NOT IN ('waiting', 'assigned')
ORDER BY other.decision_id <> other.task, other.state IN ('signed', 'closed'), other.id

-- name: is_comparable
-- Whether several have reviewed a decision, and all are done: none still settles what they differ in.
SELECT count(*) > 1 AND bool_and(state IN ('signed', 'closed')) FROM review WHERE decision_id = $1
