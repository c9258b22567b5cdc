-- A second source of chance, typed in where roles watched, after the commitment and before the period's first
-- day; NULL: not yet, or never.
ALTER TABLE period
    ADD COLUMN witness       text,
    ADD COLUMN witness_roles text[],
    ADD COLUMN witnessed_at  timestamptz;
GRANT SELECT (witness, witness_roles, witnessed_at) ON period TO gleichfall_workbench;

-- Tickets are made from it, so it stays whoever writes; the owner of the table alone could take this away.
CREATE FUNCTION witness_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the witness of the review period % is entered once, for good', OLD.key;
END $$;
CREATE TRIGGER witness_stays BEFORE UPDATE OF witness, witness_roles, witnessed_at ON period
    FOR EACH ROW WHEN (OLD.witness IS NOT NULL) EXECUTE FUNCTION witness_stays();
