-- name: counts
-- How many messages there are, by state and name.
SELECT state, name, count(*) AS amount FROM message GROUP BY state, name ORDER BY state, name

-- name: of_case
-- The messages of a case, in the order in which they were asked for.
SELECT id, name, channel, language, state, reason, attempts, planned_at, due_at, ended_at,
       encode(digest, 'hex') AS digest, capacity,
       sealed IS NOT NULL AND wrapped_key IS NOT NULL AS kept,
       sealed IS NOT NULL AND wrapped_key IS NULL AS erased,
       CASE state WHEN 'delivered' THEN told_at END AS provided_at
FROM message
LEFT JOIN submission ON submission.message = id
LEFT JOIN contact_key ON contact_key.contact_ref = message.contact_ref
    AND contact_key.created_at <= coalesce(accepted_at, ended_at, now())
WHERE case_ref = $1
ORDER BY planned_at, id

-- name: cases_of_code
-- The cases whose code begins a hash so. Every case that somebody is told about is looked at.
SELECT case_ref FROM case_recipient WHERE substr(sha256(convert_to(case_ref, 'UTF8')), 1, 5) = $1

-- name: overdue
-- Messages that have not ended: nobody took them for some time, or they began too long ago.
SELECT name, channel, state, count(*) AS amount, min(planned_at) AS since
FROM message
WHERE due_at IS NOT NULL
  AND (due_at < now() - $1::interval OR planned_at < now() - $2::interval)
GROUP BY name, channel, state
ORDER BY since

-- name: interventions_of_case
-- What operators did with the messages of a case.
SELECT intervention.message, action, successor, by, because, at
FROM intervention
JOIN message ON message.id = intervention.message
WHERE case_ref = $1
ORDER BY at
