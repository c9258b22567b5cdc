-- A period keeps the policy it opened with (NULL only for periods older than this column), and
-- once it is closed what was published then: the facts of `review_period.closed`, as JSON.
ALTER TABLE period
    ADD COLUMN policy    text,
    ADD COLUMN closed_at timestamptz,
    ADD COLUMN closing   text;

-- Decided in a period, registered after its close: counted, never drawn at random.
ALTER TABLE decision ADD COLUMN late boolean NOT NULL DEFAULT false;

-- Who decided what may still be drawn when the period closes: as many decisions of a stratum as
-- its minimum and few more. Emptied at the close.
CREATE TABLE candidate (
    decision_id text PRIMARY KEY REFERENCES decision (decision_id),
    period      text NOT NULL,
    decider     text NOT NULL,
    co_signer   text
);
