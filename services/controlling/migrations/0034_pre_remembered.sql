-- What happened to decisions before they were registered; it brings their review once they are.
CREATE TABLE early_cause (
    decision_id text        NOT NULL,
    kind        text        NOT NULL,
    day         date        NOT NULL,
    noted_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (decision_id, kind, day)
);
CREATE INDEX early_cause_by_age ON early_cause (noted_at);

-- Each application waits for its own decision, and a case does whose suit for inaction was won (§ 75
-- VwGO): `service` is what was applied for, `ruled` says that a court ordered the decision.
ALTER TABLE waiting_case
    ADD COLUMN service text    NOT NULL DEFAULT '',
    ADD COLUMN ruled   boolean NOT NULL DEFAULT false;
-- There are as few rows as cases in work: the key is built at once. The release before asks nothing of it.
-- squawk-ignore ban-drop-constraint
ALTER TABLE waiting_case DROP CONSTRAINT waiting_case_pkey;
-- squawk-ignore adding-serial-primary-key-field, constraint-missing-not-valid
ALTER TABLE waiting_case ADD PRIMARY KEY (case_ref, since, service, ruled);

-- A policy that was scheduled may be withdrawn before its day; its version stays taken.
ALTER TABLE policy ADD COLUMN withdrawn_at timestamptz;
