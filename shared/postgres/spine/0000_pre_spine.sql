-- The tables of the event spine, the same in every service's schema.

-- How far each subject of our own events has been numbered.
CREATE TABLE stream_head (
    topic         text   NOT NULL,
    subject       text   NOT NULL,
    last_sequence bigint NOT NULL,
    PRIMARY KEY (topic, subject)
) WITH (fillfactor = 80);

-- Records to publish. The relay sends by id and deletes what the broker acknowledged.
CREATE TABLE outbox (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic      text        NOT NULL,
    key        bytea,
    headers    bytea       NOT NULL,
    value      bytea,
    created_at timestamptz NOT NULL DEFAULT now()
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

-- How far each subject's events have been applied: one row per subject for ever, not one per event.
CREATE TABLE inbox (
    topic         text    NOT NULL,
    subject       text    NOT NULL,
    last_sequence bigint  NOT NULL,
    parked        boolean NOT NULL DEFAULT false,
    PRIMARY KEY (topic, subject)
) WITH (fillfactor = 80);

-- Events that came after a gap and wait for what is missing.
CREATE TABLE parked (
    topic        text        NOT NULL,
    subject      text        NOT NULL,
    sequence     bigint      NOT NULL,
    partition    integer     NOT NULL,
    "offset"     bigint      NOT NULL,
    headers      bytea       NOT NULL,
    value        bytea,
    parked_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (topic, subject, sequence)
);

-- Records given up on, with what an operator needs to repair and replay them.
CREATE TABLE dead_letter (
    id           uuid        PRIMARY KEY,
    topic        text        NOT NULL,
    partition    integer     NOT NULL,
    "offset"     bigint      NOT NULL,
    recorded_at  timestamptz NOT NULL,
    key          bytea,
    headers      bytea       NOT NULL,
    value        bytea,
    defect       text        NOT NULL,
    reason       text        NOT NULL,
    attempts     integer     NOT NULL,
    failed_at    timestamptz NOT NULL DEFAULT now()
);
