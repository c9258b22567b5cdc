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

-- name: far
-- Messages that wait for a time that is later than anything may be planned ahead ($1: years), or were
-- planned in time to come: by a clock that was ahead of the database's by more than clocks differ ($2).
SELECT count(*) AS messages, max(due_at) AS latest,
       (array_agg(case_ref ORDER BY due_at DESC))[1] AS case_ref
FROM message
WHERE due_at IS NOT NULL
  AND (due_at > now() + make_interval(years => $1) OR entered_at > now() + $2::interval)
