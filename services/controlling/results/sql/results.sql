-- name: closed_periods
-- All closed periods, oldest first.
SELECT key, first_day, last_day FROM period
WHERE closing IS NOT NULL AND policy IS NOT NULL ORDER BY last_day, key

-- name: states_of_reviews
-- What changes whenever a review of a period is opened, signed or opened again. Reviews whose period
-- isn't noted count for all.
SELECT period, count(*) AS reviews, count(*) FILTER (WHERE state IN ('signed', 'closed')) AS signed,
    coalesce(sum(version) FILTER (WHERE state IN ('signed', 'closed')), 0) AS versions
FROM review GROUP BY period

-- name: review_times
-- Of the decisions of a period that chance drew $2 ago or earlier, how many were reviewed within it,
-- by all that are to review them blindly.
SELECT count(*) AS due, count(*) FILTER (WHERE done_at <= drawn_at + $2::interval) AS kept
FROM (
    SELECT draw.drawn_at, CASE WHEN bool_and(state IN ('signed', 'closed')) THEN max(signed_at) END
        AS done_at
    FROM decision JOIN draw USING (decision_id)
    LEFT JOIN review ON review.decision_id = decision.decision_id AND round < 3
    WHERE decision.period = $1 AND NOT late AND reasons && '{random,top_up}'
      AND draw.drawn_at <= $3::timestamptz - $2::interval
    GROUP BY decision.decision_id, draw.drawn_at
) AS times
