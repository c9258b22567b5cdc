-- name: accounts
-- Eight reviewers, and one of each other role whose pages are measured; $1 is what is stored of
-- their password.
INSERT INTO account (id, login, name, role, unit, password_hash, created_at)
SELECT gen_random_uuid(), login, login, role, CASE role WHEN 'unit_head' THEN 'unit-1' END, $1, now()
FROM (SELECT 'leadership-' || n AS login, 'leadership' AS role FROM generate_series(1, 8) AS n
    UNION ALL SELECT role, role FROM unnest(ARRAY['controlling', 'auditor', 'unit_head', 'admin']) AS role)
    AS people

-- name: strata
-- How large each stratum of a period is.
SELECT period, stratum, count(*) AS size, count(*) FILTER (WHERE drawn) AS drawn
FROM decision GROUP BY period, stratum ORDER BY period, stratum

-- name: closed
-- A period closed under a policy, with what was published then.
UPDATE period SET policy = $2, closing = $3, policy_version = $4 WHERE key = $1

-- name: reviews
-- Half of what was drawn is reviewed and signed, by the eight in turn, one after the other; $1 and $2 are the catalogue.
INSERT INTO review (decision_id, round, decision_group, unit, priority, state, account, due, form,
    form_digest, questions, opened_at, assigned_at, taken_at, signed_at, closed_at, seconds, vetted, period)
SELECT decision_id, 1, split_part(stratum, '/', 1), split_part(stratum, '/', 3), 1, 'signed',
    people.ids[1 + n % 8], decided_at::date + 60, $1, $2, $3, decided_at, decided_at, decided_at,
    decided_at + interval '30 days', NULL, 300 + n % 600, true, period
FROM (SELECT decision.*, row_number() OVER (ORDER BY ticket) AS n
    FROM decision JOIN draw USING (decision_id)) AS drawn,
    (SELECT array_agg(id ORDER BY login) AS ids FROM account WHERE role = 'leadership') AS people
WHERE n % 2 = 0
ORDER BY decided_at

-- name: open_reviews
-- What waits and what people hold: as much in a small authority as in a large one's past.
INSERT INTO review (decision_id, round, decision_group, unit, priority, state, account, due, form,
    form_digest, questions, opened_at, assigned_at, taken_at, vetted, period)
SELECT decision_id, 1, split_part(stratum, '/', 1), split_part(stratum, '/', 3), 1,
    CASE WHEN n > 20 THEN 'waiting' WHEN n > 10 THEN 'assigned' ELSE 'in_review' END,
    CASE WHEN n <= 20 THEN people.id END, current_date + n::integer, $1, $2, $3, now(), now(),
    CASE WHEN n <= 10 THEN now() END, true, period
FROM (SELECT decision.*, row_number() OVER (ORDER BY ticket DESC) AS n
    FROM decision JOIN draw USING (decision_id)
    WHERE NOT EXISTS (SELECT FROM review WHERE review.decision_id = decision.decision_id)) AS drawn,
    (SELECT id FROM account WHERE login = 'leadership-1') AS people
WHERE n <= 40

-- name: answers
-- All of a signed review's answers ($1 criteria, $2 verdicts), one criterion in fifty an error.
INSERT INTO answer (review, question, version, grade, comment, origin, saved_at)
SELECT id, question, 1, CASE
        WHEN hashtext(id::text || question) % 50 <> 0 THEN 'correct'
        WHEN question = ANY($2) THEN 'wrong' ELSE 'significant_error' END,
    'geprüft', 'human', signed_at
FROM review CROSS JOIN unnest($1::text[] || $2::text[]) AS question WHERE state = 'signed'

-- name: findings
-- What comes of the errors.
WITH raised AS (
    INSERT INTO finding (decision_id, question, norm, asked, severity, effect, healable_until, unit,
        type_code, state, raised_at, due)
    SELECT decision_id, question, '§ 39 LVwVfG',
        '{"de": "Ist der Bescheid begründet?", "en": "Are there reasons?"}', 'significant_error', NULL,
        NULL, unit, type_code, CASE WHEN n % 100 = 0 THEN 'raised' ELSE 'upheld' END, signed_at,
        signed_at::date + 30
    FROM (SELECT review.decision_id, question, unit, type_code, signed_at, row_number() OVER () AS n
        FROM answer JOIN review ON review.id = answer.review
        JOIN decision ON decision.decision_id = review.decision_id
        WHERE answer.grade = 'significant_error') AS errors
    RETURNING number, raised_at
)
INSERT INTO finding_step (finding, position, kind, text, at)
SELECT number, 1, 'raise', 'Die Begründung fehlt.', raised_at FROM raised

-- name: measures
-- One measure on every tenth finding.
WITH agreed AS (
    INSERT INTO measure (kind, title, owner, unit, question, due, state, agreed_at)
    SELECT 'training', 'Schulung ' || number, 'unit_head', unit, question, due + 90,
        CASE WHEN number % 3 = 0 THEN 'done' ELSE 'agreed' END, raised_at
    FROM finding WHERE number % 10 = 0
    RETURNING number
)
INSERT INTO measure_finding (measure, finding)
SELECT number, number * 10 FROM agreed WHERE number * 10 <= (SELECT max(number) FROM finding)

-- name: second_reviews
-- Of every hundredth review a second one, by whoever comes next, which says the same.
WITH seconds AS (
    INSERT INTO review (decision_id, round, decision_group, unit, priority, state, account, due, form,
        form_digest, questions, opened_at, assigned_at, taken_at, signed_at, seconds, vetted, period)
    SELECT decision_id, 2, decision_group, unit, priority, state, people.ids[1 + (n + 1) % 8], due, form,
        form_digest, questions, opened_at, assigned_at, taken_at, signed_at, seconds, true, period
    FROM (SELECT review.*, row_number() OVER (ORDER BY opened_at, decision_id) AS n
        FROM review WHERE state = 'signed') AS first,
        (SELECT array_agg(id ORDER BY login) AS ids FROM account WHERE role = 'leadership') AS people
    WHERE n % 100 = 0 AND people.ids[1 + (n + 1) % 8] <> account
    RETURNING id, decision_id
)
INSERT INTO answer (review, question, version, grade, comment, origin, saved_at)
SELECT seconds.id, answer.question, answer.version, answer.grade, answer.comment, answer.origin, answer.saved_at
FROM seconds JOIN review AS first ON first.decision_id = seconds.decision_id AND first.round = 1
JOIN answer ON answer.review = first.id

-- name: rulings
-- Appeals against every twentieth of the decisions that are in the queue: two thirds in vain.
INSERT INTO case_event (case_ref, sequence, type, at, data)
SELECT case_ref, 9, 'gleichfall.appeal.decided.v1', decided_at + interval '100 days',
    jsonb_build_object('decision_id', decision_id,
        'outcome', (ARRAY['upheld', 'upheld', 'reversed'])[1 + n % 3])
FROM (SELECT decision.*, row_number() OVER (ORDER BY ticket) AS n
    FROM decision JOIN draw USING (decision_id)) AS drawn
WHERE n % 20 = 0

-- name: articles
-- Two hundred articles, each written three times.
INSERT INTO guidance (article, version, norm, paragraphs, title, body, example, written_at)
SELECT 'artikel-' || n, version, '§ ' || n || ' AufenthG', ARRAY['AufenthG-' || n],
    'Wann ' || n || ' gilt', repeat('Wer das prüft, sieht auf **die Akte**. ', 20), 'Ein Beispiel.',
    timestamptz '2024-01-01' + (n + version) * interval '1 day'
FROM generate_series(1, 200) AS n, generate_series(1, 3) AS version

-- name: waiting_cases
-- Applications that nothing has come of yet: as many in a small authority as in a large one's past.
INSERT INTO waiting_case (case_ref, since, service)
SELECT 'case-waiting-' || n, now() - n * interval '1 hour', 'permit' FROM generate_series(1, 2000) AS n

-- name: log
-- Four entries for each review; of a chain they have only the form.
INSERT INTO audit (number, at, account, role, act, object, detail, previous, hash)
SELECT row_number() OVER (), opened_at, account, 'leadership', act, decision_id, '{}',
    sha256(('p' || act || id)::bytea), sha256(('h' || act || id)::bytea)
FROM review CROSS JOIN unnest(ARRAY['assigned', 'taken', 'case_read', 'signed']) AS act

-- name: places
-- Something of each kind to look at.
SELECT (SELECT id FROM review WHERE state = 'in_review' ORDER BY due LIMIT 1) AS review,
    (SELECT id FROM review WHERE state = 'assigned' ORDER BY due LIMIT 1) AS declared,
    (SELECT max(number) FROM finding) AS finding, (SELECT max(number) FROM measure) AS measure,
    compared.id AS compared, (SELECT login FROM account WHERE id = compared.account) AS comparing
FROM (SELECT id, account FROM review WHERE round = 2 ORDER BY signed_at DESC LIMIT 1) AS compared

-- name: registered
-- How many decisions were registered since statistics began; a second old at most.
SELECT n_tup_ins FROM pg_stat_user_tables WHERE schemaname = 'controlling' AND relname = 'decision'
