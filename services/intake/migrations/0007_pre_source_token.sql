-- Tokens of source systems, made by `gleichfall tokens`: hashes only.
CREATE TABLE source_token (
    id         text        NOT NULL PRIMARY KEY,
    system     text        NOT NULL,
    hash       bytea       NOT NULL UNIQUE CHECK (octet_length(hash) = 32),
    begins_at  timestamptz NOT NULL,
    ends_at    timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz,
    last_used  date
);
