-- Until when decisions are to be reviewed, for the mails that say that something is due. The decision
-- by its hash; who reviews it and what comes of it is nothing that this service knows.
CREATE TABLE review_deadline (
    decision bytea   PRIMARY KEY,
    due      date    NOT NULL,
    done     boolean NOT NULL DEFAULT false
);
CREATE INDEX review_deadline_open ON review_deadline (due) WHERE NOT done;

-- Which mails to staff are done, by what they tell and the working day. One process holds a mail until
-- `held_until`; it is done when it was taken, or when there was nothing to say. `until`: what happened
-- by then is told.
CREATE TABLE morning_mail (
    kind       text        NOT NULL,
    day        date        NOT NULL,
    until      timestamptz NOT NULL,
    amount     bigint      NOT NULL,
    held_until timestamptz NOT NULL,
    done_at    timestamptz,
    PRIMARY KEY (kind, day)
);
INSERT INTO morning_mail (kind, day, until, amount, held_until, done_at)
SELECT 'delivery_failed', day, until, amount, held_until, done_at FROM digest;
