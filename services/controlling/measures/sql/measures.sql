-- name: hold_findings
-- Findings by their numbers, if they may be shown: who agrees on them twice at once waits here.
SELECT number, question, state FROM finding
WHERE number IN (SELECT number FROM shown_finding WHERE number = ANY($1::bigint[]))
ORDER BY number FOR NO KEY UPDATE

-- name: agreed_already
-- The measure that was agreed in the very same words, and isn't carried out yet.
SELECT number FROM measure
WHERE kind = $1 AND title = $2 AND owner = $3 AND unit IS NOT DISTINCT FROM $4 AND question = $5
  AND due = $6 AND state = 'agreed'

-- name: agree
-- A new measure on findings.
WITH agreed AS (
    INSERT INTO measure (kind, title, owner, unit, question, due, state, agreed_at)
    VALUES ($1, $2, $3, $4, $5, $6, 'agreed', $7) RETURNING number
), on_findings AS (
    INSERT INTO measure_finding (measure, finding)
    SELECT number, finding FROM agreed CROSS JOIN unnest($8::bigint[]) AS finding
)
SELECT number FROM agreed

-- name: hold_measure
-- A measure as it stands while nobody else changes it.
SELECT number, kind, title, owner, unit, question, due, state, agreed_at, done_at, checked_at,
    effect, reason
FROM measure WHERE number = $1 FOR NO KEY UPDATE

-- name: measure
-- A measure, to be read.
SELECT number, kind, title, owner, unit, question, due, state, agreed_at, done_at, checked_at,
    effect, reason
FROM measure WHERE number = $1

-- name: carry_out
-- A measure is done.
UPDATE measure SET state = $2, done_at = $3, version = version + 1 WHERE number = $1

-- name: drop
-- A measure is given up, for a reason.
UPDATE measure SET state = $2, reason = $3, version = version + 1 WHERE number = $1

-- name: keep_effect
-- What a look at a measure's effect gave.
UPDATE measure SET state = $2, checked_at = $3, effect = $4::jsonb, version = version + 1
WHERE number = $1

-- name: findings_of_measure
-- The findings on which a measure was agreed.
SELECT number, question, unit, type_code, state, raised_at
FROM shown_finding AS finding JOIN measure_finding ON measure_finding.finding = finding.number
WHERE measure_finding.measure = $1 ORDER BY number

-- name: findings_like
-- Findings about the same question as one of them, the newest first: one measure may answer several.
SELECT other.number, other.question, other.unit, other.type_code, other.state, other.raised_at
FROM shown_finding AS this JOIN shown_finding AS other USING (question)
WHERE this.number = $1 AND this.state <> 'withdrawn' AND other.state <> 'withdrawn'
ORDER BY other.number = $1 DESC, other.number DESC LIMIT $2

-- name: page_of_measures
-- A page of measures. What is null doesn't narrow: $3 is a unit, $4 is searched for, $6 has the names
-- of kinds, owners and units by their keys.
SELECT measure.number, measure.kind, measure.title, measure.owner, unit, question, measure.due,
    measure.state, agreed_at, done_at, checked_at, effect, reason, {place}
FROM measure CROSS JOIN LATERAL (SELECT measure.number, measure.due,
    by_letters(measure.title) AS title,
    by_letters(coalesce($6::jsonb->>('measures.kind.' || measure.kind), measure.kind)) AS kind,
    by_letters(concat_ws(' ', coalesce($6::jsonb->>('role.' || measure.owner), measure.owner),
        coalesce($6::jsonb->>measure.unit, measure.unit))) AS owner,
    array_position(ARRAY['agreed', 'done', 'checked', 'dropped'], measure.state) AS state) AS sort
WHERE ($1::text[] IS NULL OR measure.state = ANY($1)) AND ($2::text IS NULL OR measure.kind = $2)
  AND ($3::text IS NULL OR unit IS NULL OR unit = $3)
  AND ($4::text IS NULL OR measure.number::text = $4 OR lower(question) = lower($4)
       OR position(by_letters($4) IN concat_ws(' ', sort.title, sort.kind, sort.owner)) > 0)
  AND ($5::bigint IS NULL OR EXISTS (SELECT FROM measure_finding AS agreed_on
       JOIN shown_finding ON shown_finding.number = agreed_on.finding
       WHERE agreed_on.measure = measure.number AND agreed_on.finding = $5
         AND ($3::text IS NULL OR shown_finding.unit = $3)))
  AND {behind}
ORDER BY {order} LIMIT {size}

-- name: measure_counts
-- How many measures are to be carried out, how many of them should be by now, and how many wait for
-- a look at their effect.
SELECT count(*) FILTER (WHERE state = 'agreed') AS open,
    count(*) FILTER (WHERE state = 'agreed' AND due < $2) AS overdue,
    count(*) FILTER (WHERE state = 'done') AS done
FROM measure WHERE ($1::text IS NULL OR unit IS NULL OR unit = $1)
