-- name: account
SELECT id, login, name, role, unit, groups, share, absent_from, absent_until, locked_at, created_at
FROM account WHERE id = $1

-- name: account_of_login
SELECT id, login, name, role, unit, groups, share, absent_from, absent_until, locked_at, created_at
FROM account WHERE login = $1

-- name: accounts
SELECT id, login, name, role, unit, groups, share, absent_from, absent_until, locked_at, created_at
FROM account ORDER BY name, login

-- name: password_of_login
SELECT id, password_hash FROM account
WHERE login = $1 AND locked_at IS NULL AND password_hash IS NOT NULL

-- name: add_account
INSERT INTO account (id, login, name, role, unit, groups, share, staff_number, password_hash, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (login) DO NOTHING
RETURNING id

-- name: lock_account
UPDATE account SET locked_at = $2 WHERE id = $1 AND locked_at IS NULL RETURNING id

-- name: unlock_account
UPDATE account SET locked_at = NULL WHERE id = $1 AND locked_at IS NOT NULL RETURNING id

-- name: set_password
UPDATE account SET password_hash = $2 WHERE id = $1
