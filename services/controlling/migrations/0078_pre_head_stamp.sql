-- Time stamps (RFC 3161, DER) on heads of chains, each of the hash's hexadecimal text: of registers, which
-- were published, and of the audit log, then with the number of its last entry. Never changed.
CREATE TABLE head_stamp (
    hash         bytea       PRIMARY KEY,
    audit_number bigint      UNIQUE,
    time_stamp   bytea       NOT NULL,
    kept_at      timestamptz NOT NULL DEFAULT now()
);
REVOKE UPDATE, DELETE ON head_stamp FROM gleichfall_controlling;
