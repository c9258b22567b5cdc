-- name: allot
-- Writes down which providers are asked for claimed messages, before they are.
UPDATE message
SET provider = batch.provider
FROM unnest($1::uuid[], $2::text[]) AS batch (id, provider)
WHERE message.id = batch.id

-- name: speeds
-- How many messages each provider of a channel took within a window, and how many of them were not
-- delivered within some time; those taken since are too young to tell.
SELECT provider, count(*) AS sent,
       count(*) FILTER (WHERE state = 'accepted' OR ended_at > accepted_at + $3::interval) AS late
FROM message
WHERE provider IS NOT NULL AND channel = $1
  AND accepted_at BETWEEN now() - $2::interval AND now() - $3::interval
GROUP BY provider

-- name: weights
-- How providers of a channel share its messages, since when, and when one was last in trouble.
SELECT weights, changed_at,
       (SELECT max(trouble.changed_at) FROM weight_change AS trouble
        WHERE trouble.channel = $1 AND trouble.cause <> 'calm') AS troubled_at
FROM weight_change
WHERE channel = $1
ORDER BY changed_at DESC
LIMIT 1

-- name: lock_weights
-- Lets one process at a time change the weights of a channel.
SELECT pg_advisory_xact_lock(hashtext('weights of ' || $1))

-- name: change_weights
-- Changes the weights of a channel, unless another process has done so meanwhile.
INSERT INTO weight_change (channel, changed_at, cause, troubled, weights)
SELECT $1, $2, $3, $4, $5::jsonb
WHERE NOT EXISTS (SELECT FROM weight_change WHERE channel = $1 AND changed_at > $6)
RETURNING true
