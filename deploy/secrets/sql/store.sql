-- name: take_turn
-- Lets one exchange work at a time on a database.
SELECT pg_try_advisory_lock($1)

-- name: enter
-- Works in this schema until the connection ends: a round is many transactions.
SELECT set_config('search_path', $1, false)

-- name: wait_shortly
-- Bounds how long others may have to wait behind us.
SET LOCAL lock_timeout = '1s'

-- name: hold_periods
-- Is given once nobody has an open transaction that has written one.
LOCK TABLE period IN SHARE MODE

-- name: hold_contact_keys
-- Is given once nobody has an open transaction that has written one.
LOCK TABLE contact_key IN SHARE MODE

-- name: periods
-- Seeds of review periods, in order of their keys.
SELECT key AS owner, sealed_seed AS sealed FROM period WHERE key > $1 ORDER BY key LIMIT $2

-- name: keep_periods
-- Puts seeds in the place of what was read, if that is still there.
UPDATE period SET sealed_seed = row.anew
FROM unnest($1::text[], $2::bytea[], $3::bytea[]) AS row (owner, sealed, anew)
WHERE key = row.owner AND sealed_seed = row.sealed

-- name: count_periods
-- How many there are.
SELECT count(*) FROM period

-- name: contact_keys
-- Wrapped keys of recipients, in order.
SELECT contact_ref AS owner, wrapped_key AS sealed FROM contact_key
WHERE contact_ref > $1 ORDER BY contact_ref LIMIT $2

-- name: keep_contact_keys
-- Puts wrapped keys in the place of what was read; whoever was erased meanwhile stays so.
UPDATE contact_key SET wrapped_key = row.anew
FROM unnest($1::text[], $2::bytea[], $3::bytea[]) AS row (owner, sealed, anew)
WHERE contact_ref = row.owner AND wrapped_key = row.sealed

-- name: count_contact_keys
-- How many there are.
SELECT count(*) FROM contact_key

-- name: who
-- Who is signed in.
SELECT current_user

-- name: change_password
-- The statement that gives a role another password: the server quotes it.
SELECT format('ALTER ROLE %I PASSWORD %L', $1::text, $2::text)
