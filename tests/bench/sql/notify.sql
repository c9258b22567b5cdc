-- name: forget
-- Empties what a round left behind; recipients and the past stay.
DELETE FROM message WHERE facts <> 'null';
TRUNCATE inbox, parked, outbox, stream_head, case_recipient, case_party, case_standing, task, bounce

-- name: begun
-- When the first message of a round was planned.
SELECT min(planned_at) FROM message WHERE facts <> 'null'

-- name: printed
-- How many letters a round handed over.
SELECT count(*) FROM message WHERE channel = 'letter' AND state = 'accepted' AND facts <> 'null'

-- name: messages
-- Messages $1 to $2, sent and emptied long ago.
INSERT INTO message (id, name, cause, case_ref, channel, language, facts, state, attempts,
    planned_at, ended_at, about, sequence, thread, followed, accepted_at, digest)
SELECT md5('m' || n)::uuid, 'application_received', 'past',
    'case-' || substr(md5('c' || n), 1, 26), 'email', 'de', 'null', 'accepted', 1,
    now() - interval '3 years', now() - interval '3 years', 'case-' || substr(md5('c' || n), 1, 26),
    1, md5('t' || n)::uuid, false, now() - interval '3 years', '\x00'
FROM generate_series($1::bigint, $2::bigint) AS n
