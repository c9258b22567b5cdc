-- When a message was planned by the clock of then: where that lies ahead of now, the clock was wrong.
ALTER TABLE message ADD COLUMN entered_at timestamptz;
ALTER TABLE message ALTER COLUMN entered_at SET DEFAULT now();
