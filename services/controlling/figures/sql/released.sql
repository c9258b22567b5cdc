-- name: hold_figures
-- Whoever tells figures waits for who tells others: each is held against all that was told before.
SELECT pg_advisory_xact_lock(hashtext('released figures'))

-- name: editions
-- What was released of a period, the latest first; with $2 that edition alone.
SELECT edition, released_at, reviews FROM released_review
WHERE period = $1 AND ($2::integer IS NULL OR edition = $2) ORDER BY edition DESC LIMIT 1

-- name: release
INSERT INTO released_review (period, edition, reviews) VALUES ($1, $2, $3) RETURNING released_at

-- name: figures_told
-- What was told of some periods, in the order in which it was.
SELECT number, editions, asked, figures FROM released_figure WHERE periods && $1::text[] ORDER BY number

-- name: figures_of_question
-- What was told of the very same editions when the very same was asked.
SELECT figures FROM released_figure
WHERE periods && $1::text[] AND editions = $2::jsonb AND asked = $3::jsonb

-- name: keep_figures
INSERT INTO released_figure (periods, editions, asked, figures) VALUES ($1, $2, $3, $4)
RETURNING number
