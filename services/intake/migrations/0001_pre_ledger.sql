-- Every event ever accepted, by the name its sender gave it. Names are compared as bytes: faster
-- than a language's order, and the same on every server.
CREATE TABLE ledger (
    source      text        COLLATE "C" NOT NULL,
    id          text        COLLATE "C" NOT NULL,
    type        text        COLLATE "C" NOT NULL,
    subject     text        COLLATE "C" NOT NULL,
    sequence    bigint      NOT NULL,
    fingerprint bytea       NOT NULL CHECK (octet_length(fingerprint) = 32),
    outbox_id   bigint      NOT NULL,
    accepted_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (source, id)
);
