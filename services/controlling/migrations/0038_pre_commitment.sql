-- What a period's commitment is to: 1 its seed alone, as before this column; 2 seed, policy, catalogue and
-- days together.
ALTER TABLE period ADD COLUMN commitment_form bigint NOT NULL DEFAULT 1;
GRANT SELECT (commitment_form) ON period TO gleichfall_workbench;
