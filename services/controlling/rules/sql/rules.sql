-- name: recorded
-- By which policy the latest period that has begun is drawn, and those opened ahead, the oldest first.
SELECT key AS period, first_day, policy_version AS version FROM period
WHERE first_day > $1 OR first_day = (SELECT max(first_day) FROM period WHERE first_day <= $1)
ORDER BY first_day, key
