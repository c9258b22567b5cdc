-- One data key per recipient, wrapped under the master key. Deleting a row erases a person: what
-- was encrypted under the key is noise from then on, in this database and in its backups.
CREATE TABLE contact_key (
    contact_ref text        COLLATE "C" PRIMARY KEY,
    wrapped_key bytea       NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now()
);

-- How to reach a recipient, encrypted. What planning must know stands beside it and names nobody.
CREATE TABLE contact (
    contact_ref text        COLLATE "C" PRIMARY KEY,
    ciphertext  bytea       NOT NULL,
    channels    text[]      NOT NULL,
    language    text        NOT NULL,
    updated_at  timestamptz NOT NULL DEFAULT now()
);
