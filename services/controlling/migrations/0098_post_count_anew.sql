-- Figures of appointments and of published slots now say when slots were taken and published: both are counted
-- anew, from what is kept of them. What the release before counts meanwhile lacks that.
UPDATE service_fact SET counted = false WHERE part IN ('appointments', 'capacity');

-- How decisions came about that were registered before anybody noted their cases.
INSERT INTO process_due (cases)
SELECT array_agg(case_ref)
FROM (SELECT case_ref, row_number() OVER (ORDER BY case_ref) / 2000 AS batch
      FROM (SELECT DISTINCT case_ref FROM decision WHERE decided_at >= current_date - 730) AS decided) AS numbered
GROUP BY batch;
