-- concurrently
-- Which messages of a channel are due, the urgent ones first. It takes the place of the index of all
-- channels: the release before runs on without that one, only slower.
DROP INDEX CONCURRENTLY IF EXISTS message_due_by_channel;
CREATE INDEX CONCURRENTLY message_due_by_channel ON message (channel, lane DESC, due_at)
    WHERE due_at IS NOT NULL;
DROP INDEX CONCURRENTLY IF EXISTS message_due_by_lane;
