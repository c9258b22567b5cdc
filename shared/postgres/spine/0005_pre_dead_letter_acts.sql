-- A record that somebody else wrote on a topic is none of ours to send or to give up: it is
-- acknowledged. A letter whose record never arrived after it was sent again can be opened again;
-- what had been done with it stays.
-- squawk-ignore ban-drop-constraint
ALTER TABLE dead_letter DROP CONSTRAINT dead_letter_state_check;
-- squawk-ignore constraint-missing-not-valid
ALTER TABLE dead_letter ADD CONSTRAINT dead_letter_state_check
    CHECK (state IN ('open', 'replayed', 'discarded', 'acknowledged'));
ALTER TABLE dead_letter ADD COLUMN earlier jsonb NOT NULL DEFAULT '[]';
