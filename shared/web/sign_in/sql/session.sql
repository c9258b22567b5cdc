-- name: open_session
INSERT INTO session (id_hash, account, sid, csrf, language, created_at, seen_at, ends_at)
VALUES ($1, $2, $3, $4, $5, $6, $6, $7)

-- name: find_session
SELECT account, csrf, language, seen_at FROM session
WHERE id_hash = $1 AND ends_at > $2 AND seen_at > $3

-- name: keep_session
UPDATE session SET seen_at = $2, language = $3 WHERE id_hash = $1

-- name: end_session
DELETE FROM session WHERE id_hash = $1

-- name: end_sessions_of_account
DELETE FROM session WHERE account = $1

-- name: end_sessions_of_sid
DELETE FROM session WHERE sid = $1 RETURNING account

-- name: end_old_sessions
DELETE FROM session WHERE ends_at <= $1 OR seen_at <= $2

-- name: note_attempt
INSERT INTO sign_in_attempt (login_hash, address, at) VALUES ($1, $2, $3)

-- name: count_attempts
SELECT count(*) FILTER (WHERE login_hash = $1) AS of_login,
       count(*) FILTER (WHERE address = $2) AS of_address,
       count(*) FILTER (WHERE login_hash = $1 AND address = $2) AS of_login_there
FROM sign_in_attempt
WHERE at > $3 AND (login_hash = $1 OR address = $2)

-- name: forget_attempts
DELETE FROM sign_in_attempt WHERE login_hash = $1

-- name: forget_old_attempts
DELETE FROM sign_in_attempt WHERE at <= $1
