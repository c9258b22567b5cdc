-- Which version of its row the last step of a subject replaced. A step names the version it read and
-- replaces no other: the guard then needs no join, so its cost can't depend on a planner's idea of
-- the table.
ALTER TABLE inbox ADD COLUMN replaced xid;
