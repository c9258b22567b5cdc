-- name: unchained_periods
-- In which periods decisions wait for the chain.
SELECT DISTINCT period FROM unchained ORDER BY period

-- name: hold_chain
-- Of who appends to a period's chain, or closes the period, one at a time; who registers in it
-- doesn't wait for them.
SELECT FROM period WHERE key = $1 FOR NO KEY UPDATE

-- name: unchained
-- About $2 decisions of a period that wait for the chain, in the order of their coming.
SELECT batch, decision_ids FROM (
    SELECT batch, decision_ids, sum(size) OVER (ORDER BY batch) - size AS before
    FROM unchained WHERE period = $1 ORDER BY batch LIMIT $2) AS waiting
WHERE before < $2 ORDER BY batch

-- name: waiting
-- How many decisions of a period wait for the chain.
SELECT coalesce(sum(size), 0) FROM unchained WHERE period = $1

-- name: registered
-- What the register says of some decisions of a period, as it is hashed: moments in UTC with all
-- microseconds that are kept. Written here, it costs a third of what it does in Python.
SELECT decision_id, type_code, stratum, to_char(decided_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS decided,
    to_char(registered_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS registered, ticket
FROM decision WHERE decision_id = ANY(string_to_array($2, ' ')) AND period = $1

-- name: end_of_chain
-- How many entries a period's chain has, and the hash after the last one.
SELECT preceding + size AS entries, substring(hashes FROM (size - 1) * 32 + 1) AS hash
FROM register_block WHERE period = $1 ORDER BY preceding DESC LIMIT 1

-- name: append
-- Appends a block to a period's chain; its decisions wait no longer.
WITH chained AS (DELETE FROM unchained WHERE batch = ANY($5::bigint[]))
INSERT INTO register_block (period, preceding, size, decision_ids, hashes)
SELECT $1, $2, cardinality(ids), ids, $4 FROM string_to_array($3, ' ') AS ids

-- name: closed_entries
-- Whether a period is there, and how many entries its register held at the close.
SELECT closed_at IS NOT NULL AS closed, closed_entries FROM period WHERE key = $1

-- name: blocks
-- The chain of a period.
SELECT preceding, decision_ids, hashes FROM register_block WHERE period = $1 ORDER BY preceding

-- name: outside
-- Decisions of a period that are neither in its chain nor wait for it. An entry of which is noted that its
-- decision is gone brings none into the chain, whatever has its id today.
SELECT decision_id FROM decision
WHERE period = $1 AND NOT EXISTS (
    SELECT FROM (
        SELECT known FROM register_block
        CROSS JOIN LATERAL unnest(decision_ids) WITH ORDINALITY AS entry (known, place)
        WHERE period = $1 AND NOT EXISTS (
            SELECT FROM register_gap AS gap WHERE gap.period = $1 AND gap.entry = preceding + place)
        UNION ALL SELECT unnest(decision_ids) FROM unchained WHERE period = $1) AS chained
    WHERE known = decision_id)
ORDER BY decision_id COLLATE "C"

-- name: keep_gaps
-- Keeps which entries of a chain hold nothing but an id.
INSERT INTO register_gap (period, entry, decision_id, noted_by, noted_because, noted_at)
SELECT $1, entry, decision_id, $4, $5, $6
FROM unnest($2::bigint[], $3::text[]) AS gap (entry, decision_id)

-- name: gaps
-- The entries of a chain that hold nothing but an id; moments as they are hashed.
SELECT entry, decision_id AS decision, to_char(noted_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS noted
FROM register_gap WHERE period = $1 ORDER BY entry

-- name: chained_periods
-- The periods that have a chain, but for some.
SELECT key FROM period
WHERE key <> ALL($1::text[]) AND EXISTS (SELECT FROM register_block WHERE period = key) ORDER BY key

-- name: note_heads
-- Notes how far each chain of some periods has come, once a day and only if it went on since the last time. Not while
-- something waits from before the day before: behind this head it would seem backdated.
INSERT INTO register_head (period, day, entries, hash)
SELECT key, $1, last.entries, last.hash
FROM period CROSS JOIN LATERAL (
    SELECT preceding + size AS entries, substring(hashes FROM (size - 1) * 32 + 1) AS hash
    FROM register_block WHERE register_block.period = key ORDER BY preceding DESC LIMIT 1) AS last
WHERE key = ANY($2::text[]) AND NOT EXISTS (
    SELECT FROM register_head AS noted
    WHERE noted.period = key AND (noted.day >= $1 OR noted.entries >= last.entries))
  AND NOT EXISTS (
    SELECT FROM unchained JOIN decision ON decision_id = ANY(decision_ids)
    WHERE unchained.period = key AND registered_at < ($1::date - 1)::timestamp AT TIME ZONE 'UTC')
ORDER BY key
ON CONFLICT DO NOTHING
RETURNING period, day, entries, hash

-- name: heads
-- What was published of a period's chain, the oldest first.
SELECT day, entries, hash FROM register_head WHERE period = $1 ORDER BY day
