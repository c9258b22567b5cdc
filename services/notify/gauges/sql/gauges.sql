-- name: living
-- Messages that haven't ended, by channel; and how many of them have been due for longer than $1.
SELECT channel, count(*) AS living, count(*) FILTER (WHERE due_at < now() - $1::interval) AS untaken
FROM message WHERE due_at IS NOT NULL GROUP BY channel

-- name: unfollowed
-- Messages that ended without delivery longer than $1 ago, and of which nobody decided what follows.
SELECT count(*) FROM message
WHERE NOT followed AND state IN ('bounced', 'expired', 'suppressed', 'failed')
  AND ended_at < now() - $1::interval

-- name: tasks
-- How many applicants a person must still tell something, and since when the first one waits.
SELECT count(*) AS amount, min(opened_at) AS since, now() AS now FROM task WHERE done_at IS NULL
