-- Decisions that aren't in the chain of their period's register yet, as many in a row as were registered
-- at once. Who registers doesn't wait for the chain; it follows within seconds.
CREATE TABLE unchained (
    batch        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    period       text    NOT NULL,
    size         integer NOT NULL,
    decision_ids text[]  NOT NULL
);
-- Each is written once and read once; packing would cost more than the space.
ALTER TABLE unchained ALTER COLUMN decision_ids SET STORAGE EXTERNAL;

-- The chain of a period's register, some entries in a row: after how many entries, which decisions in
-- their order, and the hash after each of them, 32 bytes one behind the other. No two follow on one.
CREATE TABLE register_block (
    period       text        NOT NULL REFERENCES period (key),
    preceding    bigint      NOT NULL,
    size         integer     NOT NULL,
    decision_ids text[]      NOT NULL,
    hashes       bytea       NOT NULL,
    chained_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (period, preceding)
);
-- Of a block often the last hash is asked for only.
ALTER TABLE register_block ALTER COLUMN hashes SET STORAGE EXTERNAL;

-- What was published of a chain: on a day so many entries, and the hash after the last of them.
CREATE TABLE register_head (
    period  text   NOT NULL REFERENCES period (key),
    day     date   NOT NULL,
    entries bigint NOT NULL,
    hash    bytea  NOT NULL,
    PRIMARY KEY (period, day)
);
-- What stands there is never changed by the service: the schema's default privileges would let it.
REVOKE UPDATE, DELETE ON register_block, register_head FROM gleichfall_controlling;

-- How many entries the register held when the period closed; NULL while it is open, and for periods that
-- were closed before registers were chained.
ALTER TABLE period ADD COLUMN closed_entries bigint;
