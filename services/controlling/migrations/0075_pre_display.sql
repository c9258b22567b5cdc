-- Displays on walls, made by `gleichfall displays`: of their keys hashes only. Without an office one shows all.
CREATE TABLE display (
    id         text        NOT NULL PRIMARY KEY,
    place      text        NOT NULL,
    office     text,
    hash       bytea       NOT NULL UNIQUE CHECK (octet_length(hash) = 32),
    created_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz,
    last_used  timestamptz,
    uses       bigint      NOT NULL DEFAULT 0
);
GRANT SELECT (id, office, hash, revoked_at, uses), UPDATE (uses, last_used) ON display TO gleichfall_workbench;

-- Since when a display's figures are true.
GRANT SELECT (counted) ON service_fact TO gleichfall_workbench;
