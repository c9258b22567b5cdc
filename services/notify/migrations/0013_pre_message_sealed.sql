-- What a message told, encrypted under its recipient's key, and from the hand-over on also to whom;
-- `facts` is then an empty list. The release before can't fill such a message: it comes back to it
-- later, until the new one has sent it. What that release has planned keeps its facts in the clear
-- until it leaves or its retention ends.
-- `digest` tells whether bytes are those that a provider took, to who has the recipient's key.
-- `edition` names the texts they were written with.
ALTER TABLE message
    ADD COLUMN sealed  bytea,
    ADD COLUMN digest  bytea,
    ADD COLUMN edition bytea;

-- The texts and settings that messages are written with: a row for each change, by its hash.
CREATE TABLE edition (
    edition  bytea       PRIMARY KEY,
    document text        NOT NULL,
    since    timestamptz NOT NULL DEFAULT now()
);

-- What operators did with messages, and why.
CREATE TABLE intervention (
    message   uuid        NOT NULL,
    action    text        NOT NULL CHECK (action IN ('resent', 'stopped')),
    successor uuid,
    by        text        NOT NULL,
    because   text        NOT NULL,
    at        timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (message, action)
);
