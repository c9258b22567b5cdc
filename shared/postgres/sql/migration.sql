-- name: oldest_transactions
-- Whose transactions have been open longest: one of them most likely holds the lock waited for.
SELECT pid, coalesce(nullif(application_name, ''), 'unnamed') AS who,
       extract(epoch FROM now() - xact_start) AS seconds
FROM pg_stat_activity
WHERE datname = current_database() AND xact_start IS NOT NULL AND pid <> pg_backend_pid()
ORDER BY xact_start LIMIT 3
