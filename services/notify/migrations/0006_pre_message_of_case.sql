-- concurrently
-- The messages of a case: what an event voids, and what staff look up.
DROP INDEX CONCURRENTLY IF EXISTS message_of_case;
CREATE INDEX CONCURRENTLY message_of_case ON message (case_ref, planned_at);
