-- concurrently
-- Decisions that a change of law is about, and those not yet compared with possible twins.
DROP INDEX CONCURRENTLY IF EXISTS decision_by_type;
CREATE INDEX CONCURRENTLY decision_by_type ON decision (type_code, decided_at);
DROP INDEX CONCURRENTLY IF EXISTS decision_to_compare;
CREATE INDEX CONCURRENTLY decision_to_compare ON decision (decision_id) WHERE NOT compared;
