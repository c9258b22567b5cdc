-- name: bury
-- Records what was given up on; one already recorded is not recorded again.
INSERT INTO dead_letter
    (id, topic, partition, "offset", recorded_at, key, headers, value, defect, reason, attempts,
     subject, sequence)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::integer[], $4::bigint[], $5::timestamptz[],
    $6::bytea[], $7::bytea[], $8::bytea[], $9::text[], $10::text[], $11::integer[],
    $12::text[], $13::bigint[])
ON CONFLICT DO NOTHING
RETURNING id
