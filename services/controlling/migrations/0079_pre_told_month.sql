-- How the decisions of a month came about, as it was told first: it is told again as it was.
CREATE TABLE told_month (
    month   date        PRIMARY KEY,
    figures jsonb       NOT NULL,
    told_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT, INSERT ON told_month TO gleichfall_workbench;
-- A month is told once all of it is counted.
GRANT SELECT ON process_due, process_day TO gleichfall_workbench;
-- What was told is never changed, not by the service either.
REVOKE UPDATE, DELETE ON told_month FROM gleichfall_controlling;
