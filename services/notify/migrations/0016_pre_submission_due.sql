-- concurrently
-- Whose event logs are looked at next.
DROP INDEX CONCURRENTLY IF EXISTS submission_due;
CREATE INDEX CONCURRENTLY submission_due ON submission (look_at) WHERE look_at IS NOT NULL;
