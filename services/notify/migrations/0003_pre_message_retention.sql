-- concurrently
-- Ended messages that still hold what they told, by age: what retention looks for.
DROP INDEX CONCURRENTLY IF EXISTS message_content;
CREATE INDEX CONCURRENTLY message_content ON message (ended_at) WHERE facts <> 'null';
