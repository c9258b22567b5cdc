-- name: past
-- A message with what is kept of it, to write it again. A key that was made after it ended is that
-- of a person who was erased and came back: it opens nothing older.
SELECT message.id, name, case_ref, message.contact_ref, channel, language, facts, cause_id,
       traceparent, attempts,
       lane, planned_at, expires_at, provider, coalesce(about, case_ref) AS about,
       coalesce(sequence, 0) AS sequence, coalesce(thread, message.id) AS thread, sealed,
       NULL::bytea AS ciphertext, wrapped_key, NULL AS standing, capacity, on_behalf_of,
       NULL::bytea AS person_ciphertext, NULL::bytea AS person_key, digest, document
FROM message
LEFT JOIN contact_key ON contact_key.contact_ref = message.contact_ref
    AND contact_key.created_at <= coalesce(accepted_at, ended_at, now())
LEFT JOIN edition USING (edition)
WHERE message.id = $1

-- name: keep_edition
-- Keeps the texts and settings that messages are written with from now on.
INSERT INTO edition (edition, document) VALUES ($1, $2) ON CONFLICT (edition) DO NOTHING

-- name: empty_messages
-- Forgets to whom a message went that ended long ago, and what it told; its cause,
-- end and hash stay.
WITH due AS (
    SELECT id FROM message
    WHERE ended_at < now() - $1::interval AND facts <> 'null'
    LIMIT $2 FOR UPDATE SKIP LOCKED
), emptied AS (
    UPDATE message SET facts = 'null', sealed = NULL, contact_ref = NULL, traceparent = NULL,
                       on_behalf_of = NULL, why = NULL
    FROM due WHERE message.id = due.id
    RETURNING due.id
)
SELECT count(*) FROM emptied
