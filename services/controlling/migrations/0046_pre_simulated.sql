-- A period that was opened, stamped and witnessed by the clock of an invented authority, which says nothing of
-- when that happened. Whoever set this can't take it back.
ALTER TABLE period ADD COLUMN simulated boolean NOT NULL DEFAULT false;
GRANT SELECT (simulated) ON period TO gleichfall_workbench;

CREATE FUNCTION simulated_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the review period % is simulated, for good', OLD.key;
END $$;
CREATE TRIGGER simulated_stays BEFORE UPDATE OF simulated ON period
    FOR EACH ROW WHEN (OLD.simulated) EXECUTE FUNCTION simulated_stays();
