-- name: oldest_transactions
-- Whose transactions have been open longest: one of them most likely holds the lock waited for.
SELECT pid, coalesce(nullif(application_name, ''), 'unnamed') AS who,
       extract(epoch FROM now() - xact_start) AS seconds
FROM pg_stat_activity
WHERE datname = current_database() AND xact_start IS NOT NULL AND pid <> pg_backend_pid()
ORDER BY xact_start LIMIT 3

-- name: sessions
-- Which processes of the system are connected, by the roles that they sign in with.
SELECT DISTINCT coalesce(nullif(application_name, ''), 'unnamed') AS who
FROM pg_stat_activity
WHERE datname = current_database() AND usename = ANY($1::text[]) AND pid <> pg_backend_pid()
ORDER BY who

-- name: applied
-- Which migrations of the service's own schema are applied.
SELECT name FROM migration

-- name: in_use
-- Whether a role may use a schema; nothing where one of them isn't there.
SELECT has_schema_privilege(pg_roles.oid, pg_namespace.oid, 'USAGE')
FROM pg_roles CROSS JOIN pg_namespace WHERE nspname = $1 AND rolname = $2
