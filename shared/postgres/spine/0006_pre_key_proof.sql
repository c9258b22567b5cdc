-- What proves that a service has the keys with which this database was begun, and not others: a
-- keyed digest each, from which no key follows.
CREATE TABLE key_proof (
    name  text        PRIMARY KEY,
    proof bytea       NOT NULL,
    since timestamptz NOT NULL DEFAULT now()
);
