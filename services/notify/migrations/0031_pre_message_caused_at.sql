-- When that happened which asked for a message: what happened before it, and is told later, doesn't make
-- it untrue. Not known of what an earlier release planned.
ALTER TABLE message ADD COLUMN caused_at timestamptz;
