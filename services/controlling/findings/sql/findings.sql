-- name: standing
-- What was raised of a decision and not withdrawn; nobody else changes it until the transaction ends.
SELECT number, state, question, severity, effect, healable_until AS until,
    (SELECT text FROM finding_step
     WHERE finding = finding.number AND kind IN ('raise', 'reword')
     ORDER BY position DESC LIMIT 1) AS text
FROM finding WHERE decision_id = $1 AND state <> 'withdrawn'
ORDER BY number FOR NO KEY UPDATE

-- name: raise_findings
-- Raises what a review found of a decision; $4 is a list of rows: question, norm, words, severity,
-- effect, until, text.
WITH found AS (
    SELECT position, row FROM jsonb_array_elements($4::jsonb) WITH ORDINALITY AS found (row, position)
), raised AS (
    INSERT INTO finding (decision_id, question, norm, asked, severity, effect, healable_until, unit,
        type_code, state, raised_at, due)
    SELECT decision_id, row->>0, row->>1, row->2, row->>3, row->>4, (row->>5)::date,
        substring(stratum FROM '^[^/]+/[^/]+/(.+)$'), type_code, 'raised', $2, $3
    FROM found CROSS JOIN decision WHERE decision_id = $1 ORDER BY position
    RETURNING number, question
), noted AS (
    INSERT INTO finding_step (finding, position, kind, text, at)
    SELECT number, 1, 'raise', row->>6, $2 FROM raised JOIN found ON row->>0 = question
)
SELECT number, question FROM raised ORDER BY number

-- name: hold_finding
-- Nobody else changes a finding until the transaction ends.
SELECT FROM finding WHERE number = $1 FOR NO KEY UPDATE

-- name: held_finding
-- A finding as it stands, with the last thing that was done.
SELECT finding.number, decision_id, unit, state, due, version, decided_at, last.kind, last.text,
    last.day, last.account
FROM finding JOIN decision USING (decision_id) CROSS JOIN LATERAL (
    SELECT kind, text, day, account FROM finding_step
    WHERE finding = finding.number ORDER BY position DESC LIMIT 1) AS last
WHERE finding.number = $1

-- name: step
-- Notes what was done with a finding and where it stands then.
WITH stepped AS (
    UPDATE finding SET state = $2, version = version + 1 WHERE number = $1 RETURNING number
)
INSERT INTO finding_step (finding, position, kind, account, role, text, day, at)
SELECT number, (SELECT max(position) + 1 FROM finding_step WHERE finding = $1), $3, $4, $5, $6, $7, $8
FROM stepped

-- name: may_settle
-- Whether somebody may decide about what was found of a decision.
SELECT may_review($1, $2)

-- name: page_of_findings
-- A page of the findings that may be shown, or of those that are open. A filter that is null doesn't filter; $2 is the day on
-- which states are looked at, $7 is searched for, $8 has the names of types and units by their keys.
SELECT shown.number, question, norm, asked, shown.severity, effect, healable_until, shown.unit,
    shown.type_code, decided_at, raised_at, shown.due, shown.state, {place}
FROM {findings} AS shown JOIN decision USING (decision_id)
CROSS JOIN LATERAL (SELECT
    CASE WHEN state = 'raised' AND due < $2 THEN 'silent' ELSE state END AS state) AS today
CROSS JOIN LATERAL (SELECT shown.number, due,
    by_letters(coalesce($8::jsonb->>shown.type_code, shown.type_code)) AS kind,
    by_letters(coalesce($8::jsonb->>shown.unit, shown.unit)) AS unit,
    by_letters(concat_ws(' ', asked->>'de', asked->>'en', norm)) AS found,
    array_position(ARRAY['minor_error', 'significant_error'], shown.severity) AS severity,
    array_position(ARRAY['silent', 'raised', 'agreed', 'disagreed', 'put_right', 'upheld',
        'withdrawn'], today.state) AS state) AS sort
WHERE ($1::text IS NULL OR shown.unit = $1)
  AND ($3::text[] IS NULL OR today.state = ANY($3))
  AND ($4::text IS NULL OR norm = $4)
  AND ($5::text IS NULL OR question = $5)
  AND ($6::text IS NULL OR shown.type_code = $6)
  AND ($7::text IS NULL
       OR position(by_letters($7) IN concat_ws(' ', sort.found, sort.kind, sort.unit)) > 0)
  AND {behind}
ORDER BY {order} LIMIT {size}

-- name: counts_of_findings
-- How many findings wait for the unit, how many of them since its term has passed, and how many
-- have a reply and wait for leadership.
SELECT count(*) FILTER (WHERE state = 'raised') AS waiting,
    count(*) FILTER (WHERE state = 'raised' AND due < $2) AS silent,
    count(*) FILTER (WHERE state IN ('agreed', 'disagreed', 'put_right')) AS replied
FROM open_finding WHERE $1::text IS NULL OR unit = $1

-- name: finding
-- A finding that may be shown, in its last words; where $2 is a unit, one of that unit.
SELECT shown.number, question, norm, asked, severity, effect, healable_until, unit, shown.type_code,
    decided_at, raised_at, due, state, decision_id, version,
    (SELECT text FROM finding_step WHERE finding = shown.number AND kind IN ('raise', 'reword')
     ORDER BY position DESC LIMIT 1) AS text
FROM shown_finding AS shown JOIN decision USING (decision_id)
WHERE shown.number = $1 AND ($2::text IS NULL OR unit = $2)

-- name: next_finding
-- The finding that waits for somebody next after this one; behind the last, the first again.
SELECT number FROM open_finding
WHERE number <> $1 AND ($3::text IS NULL OR unit = $3)
  AND CASE WHEN state = 'raised' AND due < $4 THEN 'silent' ELSE state END = ANY($5)
ORDER BY (due, number) < ($2::date, $1), due, number LIMIT 1

-- name: steps_of_finding
-- What was done with a finding. Who did it stands there by their role alone.
SELECT kind AS step, role, text, day, at FROM finding_step WHERE finding = $1 ORDER BY position

-- name: alike
-- In how many other decisions of a type the same was found, and stands.
SELECT count(DISTINCT other.decision_id)
FROM shown_finding AS other JOIN finding ON finding.number = $1
WHERE other.question = finding.question AND other.type_code = finding.type_code
  AND other.decision_id <> finding.decision_id AND other.state <> 'withdrawn'
  AND ($2::text IS NULL OR other.unit = $2)
