-- concurrently
-- Of a late decision the group of its type, which its stratum doesn't say: who reviews it must know it.
ALTER TABLE decision ADD COLUMN IF NOT EXISTS type_group text;

-- What came too late, by its own day: few among all decisions, so that few pay.
DROP INDEX CONCURRENTLY IF EXISTS decision_late_by_day;
CREATE INDEX CONCURRENTLY decision_late_by_day ON decision (decided_at) WHERE late;
