-- concurrently
-- Who brought a case is who sent its first event.
DROP INDEX CONCURRENTLY IF EXISTS ledger_first_of_subject;
CREATE INDEX CONCURRENTLY ledger_first_of_subject ON ledger (subject) WHERE sequence = 1;
