-- Decisions accepted and not yet added up: a row for each request, unit and hour, so that requests
-- never wait for each other. Who decided what doesn't stand here.
CREATE TABLE decision_tally (
    unit      text        NOT NULL,
    hour      timestamptz NOT NULL,
    decisions integer     NOT NULL
);

-- Decisions accepted per unit and week (ISO 8601, as 2026-W19), as they were published.
CREATE TABLE decision_count (
    unit      text    NOT NULL,
    week      text    NOT NULL,
    decisions integer NOT NULL,
    PRIMARY KEY (unit, week)
);
