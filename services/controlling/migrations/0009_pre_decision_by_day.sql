-- concurrently
-- Decisions since a change of law: seldom asked for, so the index is one that costs nothing to fill.
DROP INDEX CONCURRENTLY IF EXISTS decision_by_day;
CREATE INDEX CONCURRENTLY decision_by_day ON decision USING brin (decided_at);
