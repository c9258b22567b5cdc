-- Decisions to be compared with possible twins, as many in a row as were registered at once: so a
-- decision costs no entry of an index. `compared` of the decision says whether it still must be.
CREATE TABLE uncompared (
    batch        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    size         integer NOT NULL,
    decision_ids text[]  NOT NULL
);
-- Each is written once and read once; packing would cost more than the space.
ALTER TABLE uncompared ALTER COLUMN decision_ids SET STORAGE EXTERNAL;
