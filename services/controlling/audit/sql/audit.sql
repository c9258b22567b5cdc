-- name: hold_chain
-- One at a time writes; the number is given inside this lock, which goes with the transaction.
SELECT pg_advisory_xact_lock($1)

-- name: end_of_chain
-- The last entry, if there is one, and what time it is now.
SELECT clock_timestamp() AS at, number, hash
FROM (SELECT) AS always
LEFT JOIN (SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1) AS last ON true

-- name: write_links
-- Writes entries behind the last one.
INSERT INTO audit (number, at, account, role, act, object, detail, previous, hash)
SELECT * FROM unnest($1::bigint[], $2::timestamptz[], $3::uuid[], $4::text[], $5::text[],
    $6::text[], $7::jsonb[], $8::bytea[], $9::bytea[])

-- name: links_after
-- At most $2 entries behind a number, in their order.
SELECT number, at, account, role, act, object, detail, previous, hash
FROM audit WHERE number > $1 ORDER BY number LIMIT $2

-- name: accounts_named
-- The accounts whose name or login holds a text.
SELECT id FROM account WHERE position(by_letters($1) IN by_letters(concat_ws(' ', name, login))) > 0

-- name: page_of_log
-- A page of the log, with the names of who did what, and of whose account was changed or to whom a
-- review went; a filter that is null doesn't filter. What is searched for is one of the objects $1 or done by
-- one of the accounts $2.
SELECT audit.number, at, account.name, audit.role, act, object, concerned.name AS concerned, detail, {place}
FROM audit LEFT JOIN account ON account.id = audit.account
LEFT JOIN account AS concerned
    ON concerned.id::text = coalesce(detail->>'to', substring(object FROM '^account:(.*)'))
CROSS JOIN LATERAL (SELECT audit.number) AS sort
WHERE ($1::text[] IS NULL OR object = ANY($1) OR audit.account = ANY($2::uuid[]))
  AND ($3::text[] IS NULL OR act = ANY($3))
  AND ($4::timestamptz IS NULL OR at >= $4)
  AND ($5::timestamptz IS NULL OR at < $5)
  AND {behind}
ORDER BY {order} LIMIT {size}

-- name: last_verified
-- Until which entry the chain was followed last, and when.
SELECT (detail->>'number')::bigint AS number, at FROM audit WHERE act = 'chain_verified'
ORDER BY audit.number DESC LIMIT 1

-- name: hash_of_number
-- The hash of one entry.
SELECT hash FROM audit WHERE number = $1
