-- Decisions that were registered and are gone before the chain of their period held them, as somebody noted:
-- the chain has an entry with nothing of them but their id. What stands here is never changed.
CREATE TABLE register_gap (
    period        text        NOT NULL REFERENCES period (key),
    entry         bigint      NOT NULL,
    decision_id   text        NOT NULL,
    noted_by      text        NOT NULL,
    noted_because text        NOT NULL,
    noted_at      timestamptz NOT NULL,
    PRIMARY KEY (period, entry)
);
REVOKE UPDATE, DELETE ON register_gap FROM gleichfall_controlling;
