-- Which tasks staff have been told of, by working day: those opened up to `until`. One process holds
-- a day until `held_until`; the day is done when its mail was taken, or when there was nothing to say.
CREATE TABLE digest (
    day        date        PRIMARY KEY,
    until      timestamptz NOT NULL,
    amount     bigint      NOT NULL,
    held_until timestamptz NOT NULL,
    done_at    timestamptz
);
