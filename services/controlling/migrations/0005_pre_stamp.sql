-- The answer of a time stamping service (RFC 3161, DER) on the commitment, once there is one.
ALTER TABLE period ADD COLUMN time_stamp bytea;
