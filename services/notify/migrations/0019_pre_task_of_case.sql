-- concurrently
-- Whether a case has an open task already.
DROP INDEX CONCURRENTLY IF EXISTS task_of_case;
CREATE INDEX CONCURRENTLY task_of_case ON task (case_ref, reason) WHERE done_at IS NULL;
