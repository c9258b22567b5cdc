-- concurrently
-- What stands in the queue and has no reviews yet; nearly empty at all times.
DROP INDEX CONCURRENTLY IF EXISTS draw_to_open;
CREATE INDEX CONCURRENTLY draw_to_open ON draw (decision_id) WHERE NOT opened;
