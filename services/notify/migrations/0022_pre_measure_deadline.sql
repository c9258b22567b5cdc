-- Until when measures are to be carried out, for the mails that say that something is due. What they
-- are about, and who carries them out, is nothing that this service knows.
CREATE TABLE measure_deadline (
    measure text    PRIMARY KEY,
    due     date    NOT NULL,
    done    boolean NOT NULL DEFAULT false
);
CREATE INDEX measure_deadline_open ON measure_deadline (due) WHERE NOT done;
