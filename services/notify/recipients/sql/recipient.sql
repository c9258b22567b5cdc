-- name: recipients
-- Who is told about these cases.
SELECT case_ref, contact_ref FROM case_recipient WHERE case_ref = ANY($1::text[])

-- name: parties
-- Who is named for these cases, and by whom.
SELECT case_ref, named_by, contact_ref, capacity, copied
FROM case_party
WHERE case_ref = ANY($1::text[])
ORDER BY case_ref, contact_ref

-- name: put_recipients
-- Remembers who is told about these cases.
INSERT INTO case_recipient (case_ref, contact_ref)
SELECT case_ref, contact_ref
FROM unnest($1::text[], $2::text[]) AS batch (case_ref, contact_ref)
ORDER BY case_ref
ON CONFLICT (case_ref) DO UPDATE SET contact_ref = excluded.contact_ref

-- name: wishes
-- How these recipients can and want to be reached; one whose key was destroyed can't.
SELECT contact_ref, channels, language, preferred, agreements
FROM contact
JOIN contact_key USING (contact_ref)
WHERE contact_ref = ANY($1::text[])

-- name: bounces
-- What came back from the present addresses of these recipients.
SELECT contact_ref, channel, hardness, at
FROM bounce
JOIN contact USING (contact_ref)
WHERE contact_ref = ANY($1::text[]) AND address = addresses ->> channel
