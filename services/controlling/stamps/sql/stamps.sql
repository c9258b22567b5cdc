-- name: unstamped_commitments
-- Commitments of open periods on which nobody has stated the time yet. Once a value was witnessed
-- a stamp would say nothing of what was there before it; a simulated period is stamped by its clock.
SELECT key, commitment FROM period
WHERE time_stamp IS NULL AND witness IS NULL AND closed_at IS NULL AND NOT simulated ORDER BY key

-- name: unstamped_heads
-- The last head of each register, where it has no stamp. A head holds all that came before it, so one
-- that another followed needs none any more.
SELECT period, day, encode(hash, 'hex') AS hash
FROM (SELECT DISTINCT ON (period) period, day, hash FROM register_head ORDER BY period, day DESC) AS last
JOIN period ON key = period
WHERE NOT simulated AND NOT EXISTS (SELECT FROM head_stamp WHERE head_stamp.hash = last.hash)
ORDER BY period

-- name: unstamped_audit
-- The end of the audit log, if it went on since it was stamped, at most once a day.
SELECT number, encode(hash, 'hex') AS hash
FROM (SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1) AS last
WHERE NOT EXISTS (
    SELECT FROM head_stamp WHERE audit_number >= number OR (audit_number IS NOT NULL AND kept_at > $1))

-- name: keep_commitment_stamp
-- Keeps a time stamp; the first one stays.
UPDATE period SET time_stamp = $2 WHERE key = $1 AND time_stamp IS NULL AND witness IS NULL

-- name: keep_head_stamp
-- Keeps a time stamp of a head; the first one stays.
INSERT INTO head_stamp (hash, audit_number, time_stamp) VALUES (decode($1, 'hex'), $2, $3)
ON CONFLICT DO NOTHING

-- name: head_stamps
-- The stamps of a register's heads, by day.
SELECT day, time_stamp FROM register_head JOIN head_stamp USING (hash) WHERE period = $1

-- name: head_stamp
-- The stamp of the head that was published of a register on a day.
SELECT time_stamp FROM register_head JOIN head_stamp USING (hash) WHERE period = $1 AND day = $2

-- name: audit_stamp
-- The last stamp of the audit log's end, and what was its end.
SELECT audit_number, hash, time_stamp FROM head_stamp
WHERE audit_number IS NOT NULL ORDER BY audit_number DESC LIMIT 1
