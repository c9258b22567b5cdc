-- concurrently
-- Which messages are due, the urgent ones first.
DROP INDEX CONCURRENTLY IF EXISTS message_due_by_lane;
CREATE INDEX CONCURRENTLY message_due_by_lane ON message (lane DESC, due_at) WHERE due_at IS NOT NULL;
