-- The last time that a service believed; what can't be undone waits while the clock contradicts it.
-- Who said last that the clock is right, and why, stands beside it.
CREATE TABLE clock (
    single           boolean     PRIMARY KEY DEFAULT true CHECK (single),
    known            timestamptz NOT NULL,
    doubted          timestamptz,
    accepted         integer     NOT NULL DEFAULT 0,
    accepted_by      text,
    accepted_because text
);
