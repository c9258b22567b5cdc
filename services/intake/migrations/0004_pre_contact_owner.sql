-- Which system brought a contact: it alone may replace or erase it, unless it may for others, too.
CREATE TABLE contact_owner (
    contact_ref text COLLATE "C" NOT NULL PRIMARY KEY,
    system      text NOT NULL
);
