-- name: account
SELECT id, login, name, role, unit, groups, share, absent_from, absent_until, locked_at, created_at
FROM account WHERE id = $1

-- name: account_of_login
SELECT id, login, name, role, unit, groups, share, absent_from, absent_until, locked_at, created_at
FROM account WHERE login = $1

-- name: accounts
SELECT id, login, name, role, unit, groups, share, absent_from, absent_until, locked_at, created_at
FROM account ORDER BY name, login

-- name: page_of_accounts
-- A page of accounts. What is null doesn't narrow: $1 is searched for, $3 tells whether those are
-- wanted that are locked, $4 has the names of roles and units by their keys.
SELECT id, account.login, account.name, account.role, account.unit, groups, share, absent_from,
    absent_until, locked_at, created_at, {place}
FROM account CROSS JOIN LATERAL (SELECT account.login,
    by_letters(account.name) AS name,
    by_letters(coalesce($4::jsonb->>('role.' || account.role), account.role)) AS role,
    by_letters(coalesce($4::jsonb->>account.unit, account.unit, '')) AS unit,
    CASE WHEN locked_at IS NULL THEN 0 ELSE 1 END AS state) AS sort
WHERE ($1::text IS NULL OR position(by_letters($1)
       IN concat_ws(' ', sort.name, by_letters(sort.login), sort.role, sort.unit)) > 0)
  AND ($2::text IS NULL OR account.role = $2)
  AND ($3::boolean IS NULL OR (locked_at IS NOT NULL) = $3)
  AND {behind}
ORDER BY {order} LIMIT {size}

-- name: open_accounts
-- How many may sign in.
SELECT count(*) FROM account WHERE locked_at IS NULL

-- name: password_of_login
SELECT id, password_hash FROM account
WHERE login = $1 AND locked_at IS NULL AND password_hash IS NOT NULL

-- name: add_account
INSERT INTO account (id, login, name, role, unit, groups, share, staff_number, password_hash, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (login) DO NOTHING
RETURNING id

-- name: described_account
-- An account as it was described; nobody else changes it meanwhile.
SELECT id, login, name, role, unit, groups, share, staff_number FROM account
WHERE login = $1 FOR NO KEY UPDATE

-- name: describe_account
-- Who may review what is looked at anew by the room of recusal, where number or unit are others.
UPDATE account SET name = $2, unit = $3, groups = $4, share = $5, staff_number = $6 WHERE id = $1

-- name: lock_account
UPDATE account SET locked_at = $2 WHERE id = $1 AND locked_at IS NULL RETURNING id

-- name: unlock_account
UPDATE account SET locked_at = NULL WHERE id = $1 AND locked_at IS NOT NULL RETURNING id

-- name: set_password
UPDATE account SET password_hash = $2 WHERE id = $1

-- name: set_absence
-- From when until when somebody isn't there, if that is new.
UPDATE account SET absent_from = $2, absent_until = $3
WHERE id = $1 AND (absent_from, absent_until) IS DISTINCT FROM ($2::date, $3::date)
RETURNING id
