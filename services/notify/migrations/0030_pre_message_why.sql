-- What kept us from writing a message, for those who mend it: an organisation file without the office, a
-- letter of too many pages. It names nobody, and goes with what the message told.
ALTER TABLE message ADD COLUMN why text;
GRANT SELECT (why) ON message TO gleichfall_desk;
