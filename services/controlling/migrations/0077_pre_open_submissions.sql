-- concurrently
-- What was fetched or turned down before that was noted.
UPDATE service_fact SET ended = true
WHERE part = 'submissions' AND NOT ended AND item IN (
    SELECT item FROM service_fact WHERE part = 'submissions' AND type <> 'gleichfall.submission.arrived.v1');

-- What still lies: few among all that ever came.
DROP INDEX CONCURRENTLY IF EXISTS service_fact_open_submission;
CREATE INDEX CONCURRENTLY service_fact_open_submission ON service_fact (item) WHERE part = 'submissions' AND NOT ended;
