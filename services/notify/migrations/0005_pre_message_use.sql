-- What a message is about and until when it is of use, so that none leaves once it has become untrue.
-- `voided` says why one that was being handed over meanwhile must not be tried again.
ALTER TABLE message
    ADD COLUMN about      text COLLATE "C",
    ADD COLUMN sequence   bigint,
    ADD COLUMN expires_at timestamptz,
    ADD COLUMN voided     text;
