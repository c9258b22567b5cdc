-- What a version of the policy means, for ever: the digest of its content when it was first in use.
CREATE TABLE policy_digest (
    version  text        PRIMARY KEY,
    digest   text        NOT NULL,
    bound_at timestamptz NOT NULL DEFAULT now()
);

-- In which groups a period's decision types are, as it opened; NULL for periods older than this column.
ALTER TABLE period ADD COLUMN catalogue text;
GRANT SELECT (catalogue) ON period TO gleichfall_workbench;
