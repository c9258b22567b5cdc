-- What runs as its owner looks for names in this schema, and where its caller may make things of their
-- own only after that: left unnamed, `pg_temp` comes first, and a caller's table or trigger stands in.
ALTER FUNCTION may_review(text, uuid) SET search_path = controlling, pg_temp;
ALTER FUNCTION declare_conflict(text, uuid) SET search_path = controlling, pg_temp;

-- Of accounts the pages change what their forms are for, and nothing else.
REVOKE INSERT, UPDATE ON account FROM gleichfall_workbench;
GRANT UPDATE (locked_at, absent_from, absent_until) ON account TO gleichfall_workbench;
