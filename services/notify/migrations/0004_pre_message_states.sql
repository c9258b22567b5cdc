-- The whole life of a message: wider lists than before, so the release before runs on. Nothing that
-- is stored can break them.
ALTER TABLE message
    -- squawk-ignore ban-drop-constraint
    DROP CONSTRAINT message_state_check,
    -- squawk-ignore ban-drop-constraint
    DROP CONSTRAINT message_check1,
    ADD CONSTRAINT message_state_known CHECK (state IN (
        'planned', 'held', 'rendered', 'queued', 'sending', 'accepted', 'delivered', 'bounced',
        'expired', 'superseded', 'suppressed', 'failed')) NOT VALID,
    ADD CONSTRAINT message_reason_given CHECK (
        (state IN ('bounced', 'expired', 'superseded', 'suppressed', 'failed'))
        = (reason IS NOT NULL)) NOT VALID;
