-- Which ways a recipient wants, and what they said about each, when and where it is written down.
ALTER TABLE contact
    ADD COLUMN preferred  text[] NOT NULL DEFAULT '{}',
    ADD COLUMN agreements jsonb  NOT NULL DEFAULT '[]';
