-- name: closed_periods
-- All closed periods, oldest first, and how many decisions each held.
SELECT key, first_day, last_day, (
    SELECT coalesce(sum(size), 0)::bigint
    FROM jsonb_to_recordset(closing::jsonb -> 'strata') AS counted (size bigint)) AS decisions
FROM period
WHERE closing IS NOT NULL AND policy IS NOT NULL ORDER BY last_day, key

-- name: states_of_reviews
-- What changes whenever a review of one of these periods is opened, signed or opened again, or its
-- figures are released.
SELECT period, count(*) AS reviews, count(*) FILTER (WHERE state IN ('signed', 'closed')) AS signed,
    coalesce(sum(version) FILTER (WHERE state IN ('signed', 'closed')), 0) AS versions,
    (SELECT count(*) FROM released_review WHERE released_review.period = review.period) AS editions
FROM review WHERE period = ANY($1::text[]) GROUP BY period

-- name: review_terms
-- When the term of each decision of a period ends that chance drew, and how many of those that share
-- it were reviewed within it, by all that are to review them blindly.
SELECT ends, count(*) AS drawn, count(*) FILTER (WHERE done_at <= ends) AS kept
FROM (
    SELECT draw.drawn_at + $2::interval AS ends,
        CASE WHEN bool_and(state IN ('signed', 'closed')) THEN max(signed_at) END AS done_at
    FROM decision JOIN draw USING (decision_id)
    LEFT JOIN review ON review.decision_id = decision.decision_id AND round < 3
    WHERE decision.period = $1 AND drawn
    GROUP BY decision.decision_id, draw.drawn_at
) AS times
GROUP BY ends
