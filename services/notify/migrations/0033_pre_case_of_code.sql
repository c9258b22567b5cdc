-- concurrently
-- The case whose code somebody reads out at the telephone.
DROP INDEX CONCURRENTLY IF EXISTS case_recipient_code;
CREATE INDEX CONCURRENTLY case_recipient_code
    ON case_recipient (substr(sha256(decode(case_ref, 'escape')), 1, 5));
