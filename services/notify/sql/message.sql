-- name: plan
-- Enters new messages; one that is known already stays as it is. One that waits for a day is
-- planned for that day, and its tries are counted from then on.
INSERT INTO message (
    id, name, cause, case_ref, contact_ref, channel, language, facts, traceparent, state, reason,
    about, sequence, expires_at, lane, planned_at, due_at, ended_at, thread, followed, sealed)
SELECT id, name, cause, case_ref, contact_ref, channel, language, '[]', traceparent, state, reason,
       about, sequence, expires_at, lane,
       CASE WHEN reason IS NULL THEN coalesce(leaves_at, now()) ELSE now() END,
       CASE WHEN reason IS NULL THEN coalesce(leaves_at, now()) END,
       CASE WHEN reason IS NOT NULL THEN now() END,
       thread, followed, sealed
FROM unnest(
         $1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
         $8::bytea[], $9::text[], $10::text[], $11::text[], $12::text[], $13::bigint[],
         $14::timestamptz[], $15::text[], $16::timestamptz[],
         $17::uuid[], $18::boolean[])
     AS batch (id, name, cause, case_ref, contact_ref, channel, language, sealed, traceparent,
               state, reason, about, sequence, expires_at, lane, leaves_at, thread, followed)
ON CONFLICT (id) DO NOTHING
RETURNING id

-- name: supersede
-- Ends messages that have become untrue. One that is being handed over can't be called back, nor one
-- that has left or failed: they are marked, so that they aren't tried again, nor on another way.
WITH voiding AS (
    SELECT *
    FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[])
         AS batch (case_ref, name, about, sequence, reason)
), stopped AS (
    SELECT message.id, voiding.reason, message.state = ANY($6::text[]) AS waiting
    FROM message
    JOIN voiding USING (case_ref, name)
    WHERE message.state <> 'superseded' AND message.voided IS NULL
      AND message.about IN (voiding.about, voiding.case_ref)
      AND message.sequence < voiding.sequence
    ORDER BY message.id
    FOR UPDATE OF message
)
UPDATE message
SET voided = stopped.reason,
    state = CASE WHEN waiting THEN 'superseded' ELSE state END,
    reason = CASE WHEN waiting THEN stopped.reason ELSE message.reason END,
    due_at = CASE WHEN NOT waiting THEN due_at END,
    ended_at = CASE WHEN waiting THEN now() ELSE ended_at END
FROM stopped
WHERE message.id = stopped.id
RETURNING message.id, message.name, channel, case_ref, traceparent, state, message.reason

-- name: useless
-- Messages that are due and of no use: too late, or untrue since they were handed over in vain.
SELECT id
FROM message
WHERE due_at <= now() AND state = ANY($1::text[])
  AND (voided IS NOT NULL OR expires_at <= now())
  AND id <> ALL($2::uuid[])
ORDER BY due_at
LIMIT $3

-- name: end_useless
-- Ends some of them.
WITH useless AS (
    SELECT id
    FROM message
    WHERE due_at <= now() AND state = ANY($1::text[])
      AND (voided IS NOT NULL OR expires_at <= now())
      AND id = ANY($2::uuid[])
    ORDER BY id
    FOR UPDATE SKIP LOCKED
)
UPDATE message
SET state = CASE WHEN voided IS NULL THEN 'expired' ELSE 'superseded' END,
    reason = coalesce(voided, 'too_late'),
    due_at = NULL,
    ended_at = now()
FROM useless
WHERE message.id = useless.id
RETURNING message.id, name, channel, case_ref, traceparent, state, reason

-- name: claim
-- Takes a channel's messages that are due, also those whose sender's lease ended, for one lease.
-- Urgent ones go first: backwards in the alphabet.
WITH due AS (
    SELECT id
    FROM message
    WHERE channel = $1 AND due_at <= now() AND state = ANY($4::text[])
      AND voided IS NULL AND (expires_at IS NULL OR expires_at > now())
    ORDER BY lane DESC, due_at
    LIMIT $2
    FOR UPDATE SKIP LOCKED
), claimed AS (
    UPDATE message
    SET state = 'sending', attempts = attempts + 1, due_at = now() + $3::interval
    FROM due
    WHERE message.id = due.id
    RETURNING message.*
)
SELECT id, name, case_ref, contact_ref, channel, claimed.language, facts, traceparent, attempts,
       lane, planned_at, expires_at, provider, coalesce(about, case_ref) AS about,
       coalesce(sequence, 0) AS sequence, coalesce(thread, id) AS thread, sealed, ciphertext,
       wrapped_key
FROM claimed
LEFT JOIN contact USING (contact_ref)
LEFT JOIN contact_key USING (contact_ref)

-- name: allot
-- Writes down which providers are asked for claimed messages, before they are.
UPDATE message
SET provider = batch.provider
FROM unnest($1::uuid[], $2::text[]) AS batch (id, provider)
WHERE message.id = batch.id

-- name: record
-- Moves claimed messages on. Nothing happens to one that was claimed again meanwhile, or whose step
-- ('before after') the table of transitions doesn't hold. Without a delay, a message ends.
WITH outcome AS (
    SELECT *
    FROM unnest($1::uuid[], $2::integer[], $3::text[], $4::text[], $5::interval[], $7::text[],
                $8::bytea[], $9::bytea[], $10::bytea[])
         AS batch (id, attempt, state, reason, delay, provider, digest, edition, sealed)
)
UPDATE message
SET state = outcome.state,
    reason = outcome.reason,
    due_at = now() + outcome.delay,
    ended_at = CASE WHEN outcome.delay IS NULL THEN now() END,
    provider = outcome.provider,
    accepted_at = CASE WHEN outcome.state = 'accepted' THEN now() END,
    digest = coalesce(outcome.digest, message.digest),
    edition = coalesce(outcome.edition, message.edition),
    sealed = coalesce(outcome.sealed, message.sealed),
    facts = CASE WHEN outcome.sealed IS NULL THEN facts ELSE '[]' END
FROM outcome
WHERE message.id = outcome.id
  AND message.attempts = outcome.attempt
  AND message.state || ' ' || outcome.state = ANY($6::text[])
RETURNING message.id

-- name: keep_overtaken
-- Keeps copies of messages that were reported before their outcome was recorded.
UPDATE message
SET digest = batch.digest, edition = batch.edition, sealed = batch.sealed, facts = '[]'
FROM unnest($1::uuid[], $2::integer[], $3::bytea[], $4::bytea[], $5::bytea[])
     AS batch (id, attempt, digest, edition, sealed)
WHERE message.id = batch.id
  AND message.attempts = batch.attempt
  AND message.digest IS NULL
  AND message.contact_ref IS NOT NULL

-- name: keep_edition
-- Keeps the texts and settings that messages are written with from now on.
INSERT INTO edition (edition, document) VALUES ($1, $2) ON CONFLICT (edition) DO NOTHING

-- name: report
-- Moves messages on by what is reported of them, up the ladder of their channel, so that neither
-- order nor number of reports matter. One that waited for another try has left. Where a report of
-- delivery is owed, one that is only accepted waits for it, as long as its lane says.
-- Steps ('before after') are compared as text: joined as rows, the step from the state that a message
-- had before it was locked would hold on, and a report that met the record of its outcome was lost.
WITH report AS (
    SELECT * FROM unnest($2::uuid[], $3::text[], $4::text[]) AS batch (id, state, reason)
)
UPDATE message
SET state = report.state,
    reason = report.reason,
    due_at = CASE WHEN report.state = 'accepted' THEN
        now() + CASE lane WHEN 'urgent' THEN $6::interval ELSE $7::interval END END,
    ended_at = CASE WHEN report.state <> 'accepted' OR $7 IS NULL THEN now() END,
    accepted_at = coalesce(accepted_at, now())
FROM report
WHERE message.id = report.id
  AND message.channel = $1
  AND (provider = $8 OR $8 IS NULL)
  AND message.state || ' ' || report.state = ANY($5::text[])
RETURNING message.id, name, channel, case_ref, traceparent, message.state, message.reason

-- name: silent
-- Messages whose report of delivery is owed and didn't come in time.
SELECT id FROM message
WHERE due_at <= now() AND state = 'accepted' AND id <> ALL($1::uuid[])
ORDER BY due_at
LIMIT $2

-- name: expire_silent
-- Ends some of them.
WITH silent AS (
    SELECT id FROM message
    WHERE due_at <= now() AND state = 'accepted' AND id = ANY($1::uuid[])
    ORDER BY id
    FOR UPDATE SKIP LOCKED
)
UPDATE message
SET state = 'expired', reason = 'no_receipt', due_at = NULL, ended_at = now()
FROM silent
WHERE message.id = silent.id
RETURNING message.id, name, channel, case_ref, traceparent, state, reason

-- name: counts
-- How many messages there are, by state and name.
SELECT state, name, count(*) AS amount FROM message GROUP BY state, name ORDER BY state, name

-- name: of_case
-- The messages of a case, in the order in which they were asked for.
SELECT id, name, channel, language, state, reason, attempts, planned_at, due_at, ended_at,
       encode(digest, 'hex') AS digest,
       sealed IS NOT NULL AND wrapped_key IS NOT NULL AS kept,
       sealed IS NOT NULL AND wrapped_key IS NULL AS erased,
       CASE state WHEN 'delivered' THEN told_at END AS provided_at
FROM message
LEFT JOIN submission ON submission.message = id
LEFT JOIN contact_key ON contact_key.contact_ref = message.contact_ref
    AND contact_key.created_at <= coalesce(accepted_at, ended_at, now())
WHERE case_ref = $1
ORDER BY planned_at, id

-- name: overdue
-- Messages that have not ended: nobody took them for some time, or they began too long ago.
SELECT name, channel, state, count(*) AS amount, min(planned_at) AS since
FROM message
WHERE due_at IS NOT NULL
  AND (due_at < now() - $1::interval OR planned_at < now() - $2::interval)
GROUP BY name, channel, state
ORDER BY since

-- name: missed
-- Messages that ended without delivery, and of which nobody has decided what follows.
SELECT id FROM message
WHERE NOT followed AND state IN ('bounced', 'expired', 'suppressed', 'failed')
  AND id <> ALL($1::uuid[])
ORDER BY ended_at
LIMIT $2

-- name: take_missed
-- Takes some of them, once, with the ways that were tried for their cause.
WITH ended AS (
    SELECT id FROM message
    WHERE NOT followed AND state IN ('bounced', 'expired', 'suppressed', 'failed')
      AND id = ANY($1::uuid[])
    ORDER BY id
    FOR UPDATE SKIP LOCKED
), taken AS (
    UPDATE message SET followed = true FROM ended WHERE message.id = ended.id
    RETURNING message.*
)
SELECT id, thread, name, case_ref, contact_ref, channel, language, lane, traceparent, state, reason,
       cause, planned_at, expires_at, voided IS NOT NULL AS untrue,
       (SELECT array_agg(other.channel) FROM message AS other
        WHERE other.case_ref = taken.case_ref AND other.thread = taken.thread) AS tried
FROM taken

-- name: follow
-- Plans for messages what another way is to tell; one that is known already stays as it is.
INSERT INTO message (
    id, name, cause, case_ref, contact_ref, channel, language, facts, traceparent, state, about,
    sequence, expires_at, lane, due_at, thread, follows, followed, sealed)
SELECT next.id, name, cause, case_ref, contact_ref, next.channel, language, facts, traceparent,
       'planned', about, sequence, expires_at, lane, now(), thread, message.id, false, sealed
FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS next (id, follows, channel)
JOIN message ON message.id = next.follows
ON CONFLICT (id) DO NOTHING
RETURNING id

-- name: end_superfluous
-- Ends what still waits on other ways of messages that have arrived after all.
UPDATE message
SET state = 'superseded', reason = 'arrived_before', due_at = NULL, ended_at = now()
FROM message AS arrived
WHERE arrived.id = ANY($1::uuid[])
  AND message.case_ref = arrived.case_ref
  AND message.thread = arrived.thread
  AND message.id <> arrived.id
  AND message.state = ANY($2::text[])
RETURNING message.id, message.name, message.channel, message.case_ref, message.traceparent,
          message.state, message.reason

-- name: suppress_waiting
-- Ends what waits for addresses that get nothing more.
UPDATE message
SET state = 'suppressed', reason = 'address_refused', due_at = NULL, ended_at = now()
FROM unnest($1::text[], $2::text[]) AS closed (contact_ref, channel)
WHERE message.contact_ref = closed.contact_ref
  AND message.channel = closed.channel
  AND due_at IS NOT NULL
  AND state = ANY($3::text[])
RETURNING message.id, name, message.channel, case_ref, traceparent, state, reason
