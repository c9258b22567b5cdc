-- name: empty_dead_letters
-- Forgets the records of dead letters settled long ago; what became of them stays.
WITH due AS (
    SELECT id FROM dead_letter
    WHERE settled_at < now() - $1::interval AND (value IS NOT NULL OR headers <> '[]')
    LIMIT $2 FOR UPDATE SKIP LOCKED
), emptied AS (
    UPDATE dead_letter SET headers = '[]', value = NULL FROM due WHERE dead_letter.id = due.id
    RETURNING due.id
)
SELECT count(*) FROM emptied
