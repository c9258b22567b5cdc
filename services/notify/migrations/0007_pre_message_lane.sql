-- What somebody acts on within hours leaves before everything else.
ALTER TABLE message ADD COLUMN lane text NOT NULL DEFAULT 'bulk';
