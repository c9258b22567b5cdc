-- The id of the event that asked for a message, so that a log line at its end names it, too.
ALTER TABLE message ADD COLUMN cause_id text;
