-- concurrently
-- Two indexes less to fill with each decision.
DROP INDEX CONCURRENTLY IF EXISTS decision_to_compare;
DROP INDEX CONCURRENTLY IF EXISTS decision_by_type;
