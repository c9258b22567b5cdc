-- Who signs in at the desk is who signs in at the workbench; what they do there stands in the same log.
GRANT SELECT (id, login, name, role, unit, groups, share, absent_from, absent_until, locked_at, password_hash, created_at)
    ON account TO gleichfall_desk;
GRANT SELECT, INSERT, UPDATE, DELETE ON session, sign_in_attempt TO gleichfall_desk;
-- What is written there is chained to the last entry, whose content it needn't know.
GRANT SELECT (number, hash), INSERT ON audit TO gleichfall_desk;
