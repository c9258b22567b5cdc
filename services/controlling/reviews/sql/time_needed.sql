-- name: durations
-- About how long the last hundred reviews of each group took, in seconds; nothing of fewer than $2 of
-- them or of one person alone. Beside it the policy in force, which says what one is assumed to take.
SELECT
    (SELECT policy FROM period WHERE policy IS NOT NULL ORDER BY last_day DESC LIMIT 1) AS policy,
    (SELECT jsonb_object_agg(decision_group, median) FROM (
        SELECT decision_group, percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS median
        FROM unnest($1::text[]) AS asked (decision_group)
        CROSS JOIN LATERAL (
            SELECT seconds, account FROM review
            WHERE review.decision_group = asked.decision_group
              AND state IN ('signed', 'closed') AND round < 3 AND seconds > 0
            ORDER BY signed_at DESC LIMIT 100
        ) AS signed
        GROUP BY decision_group HAVING count(*) >= $2 AND count(DISTINCT account) > 1
    ) AS found) AS medians
