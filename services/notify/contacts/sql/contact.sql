-- name: keep_keys
-- Stores data keys for recipients that have none; a key once given stays.
INSERT INTO contact_key (contact_ref, wrapped_key)
SELECT contact_ref, wrapped_key
FROM unnest($1::text[], $2::bytea[]) AS batch (contact_ref, wrapped_key)
ORDER BY contact_ref
ON CONFLICT (contact_ref) DO NOTHING

-- name: keys
-- The wrapped data keys of these recipients.
SELECT contact_ref, wrapped_key FROM contact_key WHERE contact_ref = ANY($1::text[])

-- name: put_contacts
-- Stores or replaces encrypted contacts.
INSERT INTO contact (
    contact_ref, ciphertext, channels, language, addresses, preferred, agreements)
SELECT contact_ref, ciphertext, string_to_array(channels, ','), language, addresses,
       string_to_array(preferred, ','), agreements
FROM unnest(
         $1::text[], $2::bytea[], $3::text[], $4::text[], $5::jsonb[], $6::text[], $7::jsonb[])
     AS batch (contact_ref, ciphertext, channels, language, addresses, preferred, agreements)
ORDER BY contact_ref
ON CONFLICT (contact_ref) DO UPDATE
SET ciphertext = excluded.ciphertext,
    channels = excluded.channels,
    language = excluded.language,
    addresses = excluded.addresses,
    preferred = excluded.preferred,
    agreements = excluded.agreements,
    updated_at = now()

-- name: drop_parties
-- Forgets whom these people named, before what they name now is written.
DELETE FROM case_party WHERE named_by = ANY($1::text[])

-- name: put_parties
-- Writes down who else is told about the cases of these people.
INSERT INTO case_party (case_ref, named_by, contact_ref, capacity, copied, basis)
SELECT case_ref, named_by, contact_ref, capacity, copied, basis
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::boolean[], $6::text[])
     AS batch (case_ref, named_by, contact_ref, capacity, copied, basis)
ORDER BY case_ref, named_by, contact_ref

-- name: unname
-- Forgets that somebody is told about the cases of others; gives these others.
DELETE FROM case_party WHERE contact_ref = $1 RETURNING named_by

-- name: end_erased
-- Ends what waits for a recipient who is erased, and what others are told about them.
UPDATE message
SET state = 'suppressed', reason = 'contact_erased', due_at = NULL, ended_at = now()
WHERE (contact_ref = $1 OR on_behalf_of = $1) AND due_at IS NOT NULL AND state = ANY($2::text[])
RETURNING id, name, channel, case_ref, cause_id, traceparent, state, reason

-- name: erase
-- Destroys a recipient's key, and what makes no sense without it.
WITH destroyed AS (
    DELETE FROM contact_key WHERE contact_ref = $1
), forgotten AS (
    DELETE FROM bounce WHERE contact_ref = $1
), unsaid AS (
    -- Copies of what others were told hold the person's name.
    UPDATE message SET sealed = NULL WHERE on_behalf_of = $1
), unnamed AS (
    DELETE FROM case_party WHERE named_by = $1
), left_open AS (
    DELETE FROM case_standing USING case_recipient
    WHERE case_standing.case_ref = case_recipient.case_ref AND contact_ref = $1
)
DELETE FROM contact WHERE contact_ref = $1
