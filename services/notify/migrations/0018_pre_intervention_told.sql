-- A person told an applicant what no message could: the task is done, and the audit names who did it.
ALTER TABLE intervention
    -- squawk-ignore ban-drop-constraint
    DROP CONSTRAINT intervention_action_check,
    ADD CONSTRAINT intervention_action_known CHECK (action IN ('resent', 'stopped', 'told')) NOT VALID;
