-- concurrently
-- The messages of a week or a month, for what is counted of them.
DROP INDEX CONCURRENTLY IF EXISTS message_planned;
CREATE INDEX CONCURRENTLY message_planned ON message (planned_at);
