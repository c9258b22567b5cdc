-- concurrently
-- Whose twins are still to be looked for, and pairs that still wait for their round: both nearly empty.
DROP INDEX CONCURRENTLY IF EXISTS twin_case_unsought;
CREATE INDEX CONCURRENTLY twin_case_unsought ON twin_case (decision_id) WHERE NOT sought;
DROP INDEX CONCURRENTLY IF EXISTS twin_case_undrawn;
CREATE INDEX CONCURRENTLY twin_case_undrawn ON twin_case (found_at) WHERE found_at IS NOT NULL AND round IS NULL;
DROP INDEX CONCURRENTLY IF EXISTS twin_case_by_round;
CREATE INDEX CONCURRENTLY twin_case_by_round ON twin_case (round) WHERE round IS NOT NULL;
