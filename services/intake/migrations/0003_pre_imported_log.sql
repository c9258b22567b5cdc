-- Logs that were imported: what their events are known by, and the mapping that made them last.
CREATE TABLE imported_log (
    source  text NOT NULL PRIMARY KEY,
    keys    text NOT NULL,
    mapping text NOT NULL
);
