-- name: empty_messages
-- Forgets to whom a message went that ended long ago, and what it told; its cause,
-- end and hash stay.
WITH due AS (
    SELECT id FROM message
    WHERE ended_at < now() - $1::interval AND facts <> 'null'
    LIMIT $2 FOR UPDATE SKIP LOCKED
), emptied AS (
    UPDATE message SET facts = 'null', sealed = NULL, contact_ref = NULL, traceparent = NULL
    FROM due WHERE message.id = due.id
    RETURNING due.id
)
SELECT count(*) FROM emptied
