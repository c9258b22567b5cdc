-- name: write_article
-- The next version of an article, if the one that it was based on is still the last one.
INSERT INTO guidance (article, version, norm, paragraphs, title, body, example, title_en, body_en,
    example_en, account, written_at)
SELECT $1, $2 + 1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12
WHERE $2 = coalesce((SELECT max(version) FROM guidance WHERE article = $1), 0)
ON CONFLICT DO NOTHING
RETURNING version

-- name: article
-- One version of an article, or the last one.
SELECT article, version, norm, title, body, example, title_en, body_en, example_en, written_at,
    stale_since
FROM guidance WHERE article = $1 AND ($2::integer IS NULL OR version = $2)
ORDER BY version DESC LIMIT 1

-- name: versions
-- All versions of an article, the newest first.
SELECT version, written_at, stale_since FROM guidance WHERE article = $1 ORDER BY version DESC

-- name: page_of_articles
-- At most $5 articles behind a title and key, each in its last version; $1 is looked for in all it
-- says, $2 tells whether those are wanted whose law has changed. What is null doesn't narrow.
SELECT article, version, norm, title, body, example, title_en, body_en, example_en, written_at,
    stale_since
FROM (SELECT DISTINCT ON (article) * FROM guidance ORDER BY article, version DESC) AS newest
WHERE ($1::text IS NULL OR position(lower($1) IN lower(concat_ws(' ', norm, title, body, example,
        title_en, body_en, example_en))) > 0)
  AND ($2::boolean IS NULL OR (stale_since IS NOT NULL) = $2)
  AND (title, article) > (coalesce($3, ''), coalesce($4, ''))
ORDER BY title, article LIMIT $5

-- name: articles_on
-- Articles on any of some paragraphs, each in its last version.
SELECT article, version, title, title_en, paragraphs, stale_since
FROM (SELECT DISTINCT ON (article) * FROM guidance ORDER BY article, version DESC) AS newest
WHERE paragraphs && $1::text[]
ORDER BY title, article

-- name: mark_stale
-- A law has changed, from a day on: what was written about it must be read again.
UPDATE guidance SET stale_since = least(stale_since, $2) WHERE paragraphs && $1::text[]

-- name: count_stale
-- How many articles are to be read again because their law has changed.
SELECT count(*) FILTER (WHERE stale_since IS NOT NULL)
FROM (SELECT DISTINCT ON (article) stale_since FROM guidance
      ORDER BY article, version DESC) AS newest
