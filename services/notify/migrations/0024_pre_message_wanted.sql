-- When a message would leave whose recipient can't be reached yet; it waits for contact data. The release
-- before takes it as one that is held, and ends it for want of a contact.
ALTER TABLE message ADD COLUMN wanted_at timestamptz;
