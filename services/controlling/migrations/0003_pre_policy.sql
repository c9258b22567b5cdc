-- What leadership has scheduled, for ever. Of two policies for one day the later position holds.
CREATE TABLE policy (
    position     bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version      text        NOT NULL UNIQUE,
    valid_from   date        NOT NULL,
    document     text        NOT NULL,
    scheduled_at timestamptz NOT NULL
);

-- How the sample of a stratum came out against its inspection plan, one period after the other. It
-- steers how closely later periods look; no estimate is made of it.
CREATE TABLE lot_result (
    period     text        NOT NULL REFERENCES period (key),
    stratum    text        NOT NULL,
    inspection text        NOT NULL,
    errors     integer     NOT NULL,
    result     text        NOT NULL,
    may_reduce boolean     NOT NULL,
    steady     boolean     NOT NULL,
    put_right  boolean     NOT NULL,
    entered_at timestamptz NOT NULL,
    PRIMARY KEY (period, stratum)
);

-- What an event says of its decision beside type, direction and unit; nothing about an officer. A
-- policy may make strata of it. NULL for decisions older than this column.
ALTER TABLE decision ADD COLUMN facts jsonb;

-- Whether two review a drawn decision blindly.
ALTER TABLE draw ADD COLUMN twice boolean NOT NULL DEFAULT false;
