-- name: durations
-- About how long a question took that a person answered, in seconds, in the last hundred reviews of
-- each group; nothing of fewer than $2 of them or of one person alone.
SELECT jsonb_object_agg(decision_group, median) FROM (
    SELECT decision_group, percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds / answered) AS median
    FROM unnest($1::text[]) AS asked (decision_group)
    CROSS JOIN LATERAL (
        SELECT id, seconds::float8 AS seconds, account FROM review
        WHERE review.decision_group = asked.decision_group
          AND state IN ('signed', 'closed') AND round < 3 AND seconds > 0
        ORDER BY signed_at DESC LIMIT 100
    ) AS signed
    CROSS JOIN LATERAL (
        SELECT count(DISTINCT question) AS answered FROM answer
        WHERE answer.review = signed.id AND origin = 'human' AND grade IS NOT NULL
    ) AS given
    WHERE answered > 0
    GROUP BY decision_group HAVING count(*) >= $2 AND count(DISTINCT account) > 1
) AS found
