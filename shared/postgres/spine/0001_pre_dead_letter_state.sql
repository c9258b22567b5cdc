-- What became of a dead letter: who settled it, how, why and when; and the place in its case that
-- it left empty, as far as its headers could be read.
ALTER TABLE dead_letter
    ADD COLUMN subject         text,
    ADD COLUMN sequence        bigint,
    ADD COLUMN state           text NOT NULL DEFAULT 'open'
        CHECK (state IN ('open', 'replayed', 'discarded')),
    ADD COLUMN settled_at      timestamptz,
    ADD COLUMN settled_by      text,
    ADD COLUMN settled_because text,
    ADD COLUMN outbox_id       bigint,
    ADD CHECK ((state = 'open') = (settled_at IS NULL)),
    ADD CHECK (num_nulls(settled_at, settled_by, settled_because) IN (0, 3));

-- Few dead letters have been written before this; what isn't text or has no number stays unknown.
UPDATE dead_letter SET subject = convert_from(key, 'UTF8')
WHERE topic = 'case-events' AND encode(key, 'escape') ~ '^case-[a-z2-7]{26}$';

CREATE INDEX dead_letter_open ON dead_letter (failed_at) WHERE state = 'open';
CREATE INDEX dead_letter_place ON dead_letter (topic, subject, sequence);
