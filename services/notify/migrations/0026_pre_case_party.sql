-- Who is told about a case beside its person, or in their place, as that person's contact data say. It
-- counts only while the events of the case name the same person.
CREATE TABLE case_party (
    case_ref    text    COLLATE "C" NOT NULL,
    named_by    text    COLLATE "C" NOT NULL,
    contact_ref text    COLLATE "C" NOT NULL,
    capacity    text    NOT NULL CHECK (capacity IN ('representative', 'additional')),
    copied      boolean NOT NULL,
    basis       text    NOT NULL,
    PRIMARY KEY (case_ref, named_by, contact_ref)
);
CREATE INDEX case_party_named_by ON case_party (named_by);
CREATE INDEX case_party_contact ON case_party (contact_ref);

-- As what the recipient of a message is told, and about whom; of the person of a case there is neither.
-- The release before writes such a message as if to the person.
ALTER TABLE message
    ADD COLUMN capacity     text,
    ADD COLUMN on_behalf_of text COLLATE "C";
