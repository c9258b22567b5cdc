-- What is open is looked at every day, and little beside what years have left.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX finding_open ON finding (due, number) WHERE state NOT IN ('upheld', 'withdrawn');
CREATE VIEW open_finding AS SELECT * FROM shown_finding WHERE state NOT IN ('upheld', 'withdrawn');
GRANT SELECT ON open_finding TO gleichfall_workbench;
