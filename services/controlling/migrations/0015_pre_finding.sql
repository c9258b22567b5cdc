-- A finding names its norm and its question in the words in which it was asked. Nobody has written
-- this table yet, so what doesn't fit goes.
-- squawk-ignore ban-drop-constraint
ALTER TABLE finding DROP CONSTRAINT finding_decision_id_question_key,
    -- squawk-ignore ban-drop-column
    DROP COLUMN review, DROP COLUMN healable, ADD COLUMN effect text,
    -- squawk-ignore adding-required-field
    ADD COLUMN norm text NOT NULL, ADD COLUMN asked jsonb NOT NULL;
ALTER TABLE finding_step ADD COLUMN role text, ADD COLUMN day date;

-- One that was withdrawn makes room for another one; of those that stand there is one a question.
-- squawk-ignore require-concurrent-index-creation
CREATE UNIQUE INDEX finding_standing ON finding (decision_id, question) WHERE state <> 'withdrawn';
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX finding_by_due ON finding (due, number);

-- What may be shown of findings, to whomever: not while somebody reviews the decision who began
-- after it was raised and mustn't learn what the one before them found.
CREATE VIEW shown_finding AS
SELECT finding.* FROM finding WHERE NOT EXISTS (
    SELECT FROM review
    WHERE review.decision_id = finding.decision_id AND review.opened_at > finding.raised_at
      AND review.state NOT IN ('signed', 'closed'));
GRANT SELECT ON shown_finding TO gleichfall_workbench;
