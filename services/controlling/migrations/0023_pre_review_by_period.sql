-- concurrently
-- Every review is of a period: those that were opened before periods were noted get theirs.
UPDATE review SET period = decision.period FROM decision
WHERE review.period IS NULL AND decision.decision_id = review.decision_id;
-- squawk-ignore adding-not-nullable-field
ALTER TABLE review ALTER COLUMN period SET NOT NULL;

-- Whether anything of a period's reviews has changed is read from the index alone.
DROP INDEX CONCURRENTLY IF EXISTS review_by_period;
CREATE INDEX CONCURRENTLY review_by_period ON review (period) INCLUDE (state, version);

-- What chance drew of a period, and what came too late: few among all decisions, so that few pay.
DROP INDEX CONCURRENTLY IF EXISTS decision_drawn;
CREATE INDEX CONCURRENTLY decision_drawn ON decision (period) WHERE drawn;
DROP INDEX CONCURRENTLY IF EXISTS decision_late;
CREATE INDEX CONCURRENTLY decision_late ON decision (period) WHERE late;
