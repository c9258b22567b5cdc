-- Cases whose course changed, a row a batch, until the days of their decisions are found; and those days, until
-- they are counted anew.
CREATE TABLE process_due (
    id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cases text[] NOT NULL
);
CREATE TABLE process_day (
    day date PRIMARY KEY
);
