-- Decisions that came under the id of another one, and stand in the frame under an id of their own. Until
-- somebody says what became of it, the frame isn't sound.
CREATE TABLE second_decision (
    decision_id text        PRIMARY KEY REFERENCES decision (decision_id),
    claimed_id  text        NOT NULL REFERENCES decision (decision_id),
    found_at    timestamptz NOT NULL DEFAULT now()
);

-- What was found in the frame and settled by a named act: `said` is what was found then, so that what
-- changes afterwards is found anew.
CREATE TABLE frame_settlement (
    finding         text        NOT NULL,
    said            text        NOT NULL,
    settled_by      text        NOT NULL,
    settled_because text        NOT NULL,
    settled_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (finding, said)
);

-- How many decisions of a unit's week were sent again: who counts events counts them again.
CREATE TABLE frame_repeat (
    unit    text    NOT NULL,
    week    text    NOT NULL,
    repeats integer NOT NULL,
    PRIMARY KEY (unit, week)
);

-- How many decisions of a period each source sent in an hour: a row for each batch, so that
-- transactions never wait for each other. Who decided doesn't stand here.
CREATE TABLE arrival (
    period    text        NOT NULL,
    source    text        NOT NULL,
    hour      timestamptz NOT NULL,
    decisions integer     NOT NULL
);
CREATE INDEX arrival_by_period ON arrival (period);
GRANT SELECT ON second_decision, frame_settlement, frame_repeat, arrival TO gleichfall_workbench;
