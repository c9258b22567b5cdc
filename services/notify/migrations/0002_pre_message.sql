-- Who is told about a case when an event doesn't say it: the recipient named last.
CREATE TABLE case_recipient (
    case_ref    text COLLATE "C" PRIMARY KEY,
    contact_ref text COLLATE "C" NOT NULL
) WITH (fillfactor = 90);

-- Every message ever asked for. `facts` are the cause's fields that the text needs; they hold no
-- personal data. `due_at` is when the next attempt may begin or, while a process sends, when its
-- lease ends; a message that has ended has none.
CREATE TABLE message (
    id          uuid        PRIMARY KEY,
    name        text        NOT NULL,
    cause       text        NOT NULL,
    case_ref    text        COLLATE "C" NOT NULL,
    contact_ref text        COLLATE "C",
    channel     text        NOT NULL,
    language    text        NOT NULL,
    facts       jsonb       NOT NULL,
    traceparent text,
    state       text        NOT NULL
        CHECK (state IN ('planned', 'sending', 'accepted', 'failed', 'suppressed')),
    reason      text,
    attempts    integer     NOT NULL DEFAULT 0,
    due_at      timestamptz,
    planned_at  timestamptz NOT NULL DEFAULT now(),
    ended_at    timestamptz,
    CHECK ((due_at IS NULL) = (ended_at IS NOT NULL)),
    CHECK ((state IN ('failed', 'suppressed')) = (reason IS NOT NULL))
) WITH (fillfactor = 80);

CREATE INDEX message_due ON message (due_at) WHERE due_at IS NOT NULL;
