-- name: counts
-- How many messages there are, by state and name.
SELECT state, name, count(*) AS amount FROM message GROUP BY state, name ORDER BY state, name

-- name: of_case
-- The messages of a case, in the order in which they were asked for.
SELECT id, name, channel, language, state, reason, why, attempts, planned_at, due_at, ended_at,
       encode(digest, 'hex') AS digest, capacity, cause, entered_at, accepted_at,
       sealed IS NOT NULL AND contact_key.contact_ref IS NOT NULL AS kept,
       sealed IS NOT NULL AND contact_key.contact_ref IS NULL AS erased,
       CASE state WHEN 'delivered' THEN told_at END AS provided_at,
       wanted_at IS NOT NULL AND due_at IS NOT NULL AS awaits_contact,
       voided IS NOT NULL OR state = 'superseded' AS untrue,
       EXISTS (SELECT FROM task WHERE task.message = message.id AND done_at IS NULL) AS to_tell
FROM message
LEFT JOIN submission ON submission.message = id
LEFT JOIN contact_key ON contact_key.contact_ref = message.contact_ref
    AND contact_key.created_at <= coalesce(accepted_at, ended_at, now())
WHERE case_ref = $1
ORDER BY planned_at, id

-- name: is_known
-- Whether there is any message of a case.
SELECT EXISTS (SELECT FROM message WHERE case_ref = $1)

-- name: cases_of_code
-- The cases whose code begins a hash so; an index has it.
SELECT case_ref FROM case_recipient WHERE substr(sha256(decode(case_ref, 'escape')), 1, 5) = $1
ORDER BY case_ref

-- name: units_of
-- Who is at work on these cases, as far as an event has said.
SELECT case_ref, standing ->> 'unit' AS unit FROM case_standing WHERE case_ref = ANY($1::text[])

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
