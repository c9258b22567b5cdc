-- name: submissions
-- What was opened for these messages.
SELECT message, submission_id, case_id FROM submission WHERE message = ANY($1::uuid[])

-- name: keep_submission
-- Keeps what was opened for a message, unless something was before; what is gone ($4) is replaced.
INSERT INTO submission (message, submission_id, case_id, look_at)
VALUES ($1, $2, $3, now() + $5::interval)
ON CONFLICT (message) DO UPDATE
SET submission_id = excluded.submission_id, case_id = excluded.case_id, opened_at = now(),
    looks = 0, look_at = excluded.look_at
WHERE submission.submission_id = $4

-- name: take_looks
-- Takes submissions whose event log is to be looked at, and says when to look again: after pauses that
-- double, and never where a report changes nothing any more ($5), nor once the service has rejected
-- what nobody fetched.
WITH due AS (
    SELECT submission.message, state
    FROM submission
    JOIN message ON id = submission.message
    WHERE look_at <= now() AND submission.message <> ALL($6::uuid[])
    ORDER BY look_at
    LIMIT $1
    FOR UPDATE OF submission SKIP LOCKED
)
UPDATE submission
SET looks = looks + 1,
    look_at = CASE WHEN opened_at > now() - $4::interval AND state <> ALL($5::text[])
                   THEN now() + least($3::interval, $2::interval * 2 ^ least(looks, 20)) END
FROM due
WHERE submission.message = due.message
RETURNING submission.message, submission_id, case_id

-- name: put_off_looks
-- Looks once more, and soon, at event logs that couldn't be read.
UPDATE submission SET look_at = now() + $2::interval, looks = looks - 1
WHERE message = ANY($1::uuid[])

-- name: end_looks
-- Looks no more at event logs that have said all, and keeps what they said last.
UPDATE submission
SET look_at = NULL, told_at = ended.at, proof = ended.proof
FROM unnest($1::uuid[], $2::timestamptz[], $3::text[]) AS ended (message, at, proof)
WHERE submission.message = ended.message
