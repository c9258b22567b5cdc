-- concurrently
-- What waits for the contact data of a recipient.
DROP INDEX CONCURRENTLY IF EXISTS message_awaiting;
CREATE INDEX CONCURRENTLY message_awaiting ON message (contact_ref) WHERE wanted_at IS NOT NULL;
