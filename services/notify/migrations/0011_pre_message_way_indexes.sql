-- concurrently
-- What ended without delivery and nobody has looked at since.
DROP INDEX CONCURRENTLY IF EXISTS message_missed;
CREATE INDEX CONCURRENTLY message_missed ON message (ended_at)
    WHERE NOT followed AND state IN ('bounced', 'expired', 'suppressed', 'failed');
-- What a provider took lately: how fast it is.
DROP INDEX CONCURRENTLY IF EXISTS message_accepted;
CREATE INDEX CONCURRENTLY message_accepted ON message (accepted_at) WHERE provider IS NOT NULL;
-- What a person may still have to do.
DROP INDEX CONCURRENTLY IF EXISTS task_open;
CREATE INDEX CONCURRENTLY task_open ON task (opened_at) WHERE done_at IS NULL;
