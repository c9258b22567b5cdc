-- The ways that a cause takes. `thread` names cause, message and recipient without the way, `follows`
-- the message that didn't arrive before this one. `provider` is who may have it: no other one is
-- asked while that isn't known to be untrue. `followed` says that what follows from the end without
-- delivery is settled; of what ended before this release nothing follows.
ALTER TABLE message
    ADD COLUMN thread      uuid,
    ADD COLUMN follows     uuid,
    ADD COLUMN provider    text,
    ADD COLUMN accepted_at timestamptz,
    ADD COLUMN followed    boolean NOT NULL DEFAULT true;

-- Somebody must tell an applicant what no message could. One per cause, message and recipient.
CREATE TABLE task (
    thread    uuid        PRIMARY KEY,
    message   uuid        NOT NULL,
    case_ref  text        COLLATE "C" NOT NULL,
    name      text        NOT NULL,
    reason    text        NOT NULL,
    opened_at timestamptz NOT NULL DEFAULT now(),
    done_at   timestamptz
);

-- Which addresses of a recipient exist, as fingerprints under the recipient's own key: they tell
-- nothing to who hasn't the key, and nothing at all once it is destroyed.
ALTER TABLE contact ADD COLUMN addresses jsonb NOT NULL DEFAULT '{}';

-- What came back, by address.
CREATE TABLE bounce (
    contact_ref text        COLLATE "C" NOT NULL,
    channel     text        NOT NULL,
    address     text        COLLATE "C" NOT NULL,
    hardness    text        NOT NULL CHECK (hardness IN ('HARD', 'SOFT')),
    message     uuid        NOT NULL,
    at          timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (contact_ref, channel, message)
);

-- How providers of a channel share its messages: the last row holds, all of them are the history.
CREATE TABLE weight_change (
    channel    text        NOT NULL,
    changed_at timestamptz NOT NULL,
    cause      text        NOT NULL CHECK (cause IN ('errors', 'slow', 'calm')),
    troubled   text,
    weights    jsonb       NOT NULL,
    PRIMARY KEY (channel, changed_at)
);
