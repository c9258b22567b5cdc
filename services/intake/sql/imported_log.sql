-- name: imported_log
-- What the events of a log are known by, and the mapping that made them last.
SELECT keys, mapping FROM imported_log WHERE source = $1 FOR UPDATE

-- name: count_events
-- How many events of a source the ledger holds, by type.
SELECT type, count(*) AS events FROM ledger WHERE source = $1 GROUP BY type

-- name: sent_events
-- Some events of a source that the ledger holds, behind an id.
SELECT id, type, subject, sequence FROM ledger
WHERE source = $1 AND id > $2
ORDER BY id
LIMIT $3

-- name: note_import
-- Keeps what an import says of its log.
INSERT INTO imported_log (source, keys, mapping) VALUES ($1, $2, $3)
ON CONFLICT (source) DO UPDATE SET keys = excluded.keys, mapping = excluded.mapping
