-- name: changed_accounts
-- Reviewers who are new, or of whom something else is known than when they were last looked at.
SELECT account.id FROM account LEFT JOIN vetted_account ON vetted_account.account = account.id
WHERE account.role = 'leadership'
  AND (vetted_account.account IS NULL
       OR (account.staff_number, account.unit)
          IS DISTINCT FROM (vetted_account.staff_number, vetted_account.unit))
FOR NO KEY UPDATE OF account

-- name: forget_of_accounts
-- Until they are looked at anew, accounts may review nothing; what they declared stays.
DELETE FROM recusal WHERE account = ANY($1::uuid[]) AND NOT declared

-- name: keep_accounts
-- Notes with which facts accounts are looked at.
INSERT INTO vetted_account (account, staff_number, unit)
SELECT id, staff_number, unit FROM account WHERE id = ANY($1::uuid[])
ON CONFLICT (account) DO UPDATE SET staff_number = excluded.staff_number, unit = excluded.unit

-- name: vet_open_again
-- All reviews that aren't done yet are to be looked at anew.
UPDATE review SET vetted = false WHERE vetted AND state NOT IN ('signed', 'closed')

-- name: unvetted
-- At most $1 decisions under review that are to be looked at; not those of $2.
SELECT DISTINCT decision_id FROM review WHERE NOT vetted AND decision_id <> ALL($2::text[])
ORDER BY decision_id LIMIT $1

-- name: take_unvetted
-- Those of them that still are and that nobody else has taken; from now on they count as looked at.
WITH next AS (
    SELECT id, decision_id FROM review WHERE decision_id = ANY($1::text[]) AND NOT vetted
    ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
), seen AS (
    UPDATE review SET vetted = true FROM next WHERE review.id = next.id
    RETURNING review.decision_id, review.unit
)
SELECT DISTINCT seen.decision_id, seen.unit, decided_at, decider, co_signer,
    coalesce((period.policy::jsonb ->> 'other_unit')::boolean, false) AS other_unit
FROM seen
JOIN draw USING (decision_id)
JOIN decision USING (decision_id)
JOIN period ON period.key = decision.period

-- name: reviewers
-- Everybody who may be asked to review, as they were last looked at.
SELECT account, vetted_account.staff_number, vetted_account.unit
FROM vetted_account JOIN account ON account.id = vetted_account.account
WHERE account.role = 'leadership'

-- name: enter_recusals
-- Notes who must not review what; what was declared stays.
INSERT INTO recusal (decision_id, account, excluded)
SELECT * FROM unnest($1::text[], $2::uuid[], $3::boolean[])
ON CONFLICT (decision_id, account) DO UPDATE SET excluded = excluded.excluded
