-- name: brought_by
-- Whose first event a case has, of cases that there are.
SELECT subject, source FROM ledger WHERE sequence = 1 AND subject = ANY($1::text[])

-- name: contacts_of_others
-- Which of these contacts another system brought.
SELECT contact_ref FROM contact_owner WHERE contact_ref = ANY($1::text[]) AND system <> $2

-- name: note_contacts
-- Notes who brought contacts that nobody brought before.
INSERT INTO contact_owner (contact_ref, system)
SELECT contact_ref, $2 FROM unnest($1::text[]) AS batch (contact_ref) ORDER BY contact_ref
ON CONFLICT (contact_ref) DO NOTHING

-- name: is_contact_of
-- Whether a system brought this contact.
SELECT EXISTS (SELECT FROM contact_owner WHERE contact_ref = $1 AND system = $2)
