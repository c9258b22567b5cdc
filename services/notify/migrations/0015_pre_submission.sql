-- What was opened for messages to mailboxes, before anything was put into it: a repeat goes into the
-- same one. Its event log is looked at until it says how it ended, at `look_at` for the next time.
CREATE TABLE submission (
    message       uuid        PRIMARY KEY,
    submission_id uuid        NOT NULL,
    case_id       uuid        NOT NULL,
    opened_at     timestamptz NOT NULL DEFAULT now(),
    looks         integer     NOT NULL DEFAULT 0,
    look_at       timestamptz
);
