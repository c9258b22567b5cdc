-- Whether a submission that something is about was fetched or turned down: what still lies is looked for each minute.
ALTER TABLE service_fact ADD COLUMN ended boolean NOT NULL DEFAULT false;
GRANT SELECT (ended) ON service_fact TO gleichfall_workbench;
