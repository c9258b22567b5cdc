-- name: keys
-- The keys of the tables that are filled, as they must be rebuilt: primary ones first.
SELECT conrelid::regclass::text AS table, conname AS name, pg_get_constraintdef(oid) AS definition
FROM pg_constraint
WHERE contype IN ('p', 'f') AND conrelid = ANY($1::text[]::regclass[])
ORDER BY contype = 'f', conname

-- name: indexes
-- Their other indexes.
SELECT indexname AS name, indexdef AS definition FROM pg_indexes
WHERE schemaname = current_schema() AND tablename = ANY($1::text[])
    AND indexname NOT IN (SELECT conname FROM pg_constraint)

-- name: periods
-- Sixty closed months before the one that is measured.
INSERT INTO period (key, first_day, last_day, sealed_seed, commitment, policy_version, closed_at)
SELECT to_char(month, 'YYYY-MM'), month, month + interval '1 month' - interval '1 day', '\x00',
    'past', 'past', month + interval '40 days'
FROM generate_series(date '2021-05-01', date '2026-04-01', interval '1 month') AS month

-- name: decisions
-- Decisions $1 to $2, month after month, with ids and tickets that look random.
INSERT INTO decision (decision_id, case_ref, period, stratum, type_code, ticket,
    inclusion_probability, drawn, policy_version, decided_at, compared)
SELECT 'decision-' || translate(substr(md5('d' || n), 1, 26), '0189', 'ghij'),
    'case-' || translate(substr(md5('c' || n), 1, 26), '0189', 'ghij'),
    to_char(date '2021-05-01' + (n * 60 / $3) * interval '1 month', 'YYYY-MM'),
    'residence/favourable/unit-' || 1 + n % 4,
    (ARRAY['AufenthG-16b', 'AufenthG-18b', 'AufenthG-25-5', 'AufenthG-28', 'AufenthG-9'])[1 + n % 5],
    '0.' || abs(hashint8extended(n, 1)) || abs(hashint8extended(n, 2))
        || abs(hashint8extended(n, 3)) || abs(hashint8extended(n, 4)), 0.1, n % 10 = 0, 'past',
    timestamptz '2021-05-01' + (n * 60 / $3) * interval '30 days', true
FROM generate_series($1::bigint, $2::bigint) AS n

-- name: draws
-- The tenth of them that was drawn.
INSERT INTO draw (decision_id, reasons, decider, drawn_at)
SELECT 'decision-' || translate(substr(md5('d' || n), 1, 26), '0189', 'ghij'), ARRAY['random'],
    'decider-' || translate(substr(md5('o' || n % 40), 1, 26), '0189', 'ghij'), now()
FROM generate_series($1::bigint, $2::bigint) AS n WHERE n % 10 = 0

-- name: inbox
-- A case for each.
INSERT INTO inbox (topic, subject, last_sequence)
SELECT 'case-events', 'case-' || translate(substr(md5('c' || n), 1, 26), '0189', 'ghij'), 8
FROM generate_series($1::bigint, $2::bigint) AS n

-- name: stream_heads
-- What was published of the drawn ones.
INSERT INTO stream_head (topic, subject, last_sequence)
SELECT 'review-events', 'decision-' || translate(substr(md5('d' || n), 1, 26), '0189', 'ghij'), 1
FROM generate_series($1::bigint, $2::bigint) AS n WHERE n % 10 = 0
