-- When the books of all services were last held against each other, and what was amiss.
CREATE TABLE reconciliation (
    single  boolean     PRIMARY KEY DEFAULT true CHECK (single),
    at      timestamptz NOT NULL,
    missing bigint      NOT NULL,
    surplus bigint      NOT NULL,
    unknown bigint      NOT NULL,
    overrun bigint      NOT NULL
);
REVOKE INSERT, UPDATE, DELETE ON reconciliation FROM gleichfall_controlling;
GRANT SELECT ON reconciliation TO gleichfall_desk;
