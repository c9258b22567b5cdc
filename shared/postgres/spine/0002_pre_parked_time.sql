-- The broker's time of a parked record, in milliseconds: with its place it names the record, should
-- it become a dead letter when it is released. Records parked before this keep 0.
ALTER TABLE parked ADD COLUMN timestamp bigint NOT NULL DEFAULT 0;
