-- concurrently
-- Which decisions fell in the same case: what served one doesn't speak for another.
DROP INDEX CONCURRENTLY IF EXISTS decision_by_case;
CREATE INDEX CONCURRENTLY decision_by_case ON decision (case_ref);
