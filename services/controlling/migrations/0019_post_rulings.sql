-- concurrently
-- What became of appeals, few among all that happens to cases.
DROP INDEX CONCURRENTLY IF EXISTS case_event_rulings;
CREATE INDEX CONCURRENTLY case_event_rulings ON case_event (at, case_ref, sequence)
WHERE type IN ('gleichfall.appeal.remedied.v1', 'gleichfall.appeal.decided.v1', 'gleichfall.court.decided.v1');
