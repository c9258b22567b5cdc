-- What was drawn is the queue of reviews; a decision may come into it by chance and for other
-- reasons. Who decided is known for what chance drew, and for others only if it was known at that
-- moment: where it isn't, a review is for somebody of another unit.
ALTER TABLE draw
    ADD COLUMN priority integer,
    -- squawk-ignore ban-drop-not-null
    ALTER COLUMN decider DROP NOT NULL,
    ADD CONSTRAINT draw_decider_known
        CHECK (decider IS NOT NULL OR NOT reasons && '{random,top_up}') NOT VALID;

-- Cases that wait for a decision, to know when the time limit of § 75 VwGO had passed. Gone with
-- the decision.
CREATE TABLE waiting_case (
    case_ref text        PRIMARY KEY,
    since    timestamptz NOT NULL
);

-- Changes of law, by type of decision.
CREATE TABLE law_change (
    type_code  text NOT NULL,
    valid_from date NOT NULL,
    PRIMARY KEY (type_code, valid_from)
);

-- Every decision is compared once with those that may be its twins.
ALTER TABLE decision ADD COLUMN compared boolean NOT NULL DEFAULT false;

-- Decisions that can have twins: `block` is what must be the same in both. The last
-- columns are the twin that was found for a decision of the second direction, and how near it is.
CREATE TABLE twin_case (
    decision_id text        PRIMARY KEY REFERENCES decision (decision_id),
    case_ref    text        NOT NULL,
    block       text        NOT NULL,
    direction   text        NOT NULL,
    decided_at  timestamptz NOT NULL,
    features    jsonb       NOT NULL,
    twin        text        REFERENCES decision (decision_id),
    distance    numeric
);
CREATE INDEX twin_case_by_block ON twin_case (block, direction, decided_at);
