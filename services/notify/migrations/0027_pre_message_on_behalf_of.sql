-- concurrently
-- What others are told about a person: it ends, and forgets their name, when the person is erased.
DROP INDEX CONCURRENTLY IF EXISTS message_on_behalf_of;
CREATE INDEX CONCURRENTLY message_on_behalf_of ON message (on_behalf_of)
WHERE on_behalf_of IS NOT NULL;
