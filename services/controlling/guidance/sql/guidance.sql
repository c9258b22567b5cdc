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
-- A page of articles, each in its last version and, where $3 and there is one, by its English title;
-- $1 is looked for in all it says, $2 tells whether those are wanted whose law has changed, $4 is
-- where days begin. What is null doesn't narrow. Norms are ordered by law, then by number.
SELECT newest.article, version, newest.norm, newest.title, body, example, title_en, body_en,
    example_en, written_at, stale_since, {place}
FROM (SELECT DISTINCT ON (article) * FROM guidance ORDER BY article, version DESC) AS newest
CROSS JOIN LATERAL (SELECT newest.article,
    by_letters(CASE WHEN $3 AND title_en <> '' THEN title_en ELSE newest.title END) AS title,
    by_letters(concat_ws(' ', substring(newest.norm FROM '\S+$'),
        lpad(substring(newest.norm FROM '\d+'), 6, '0'), newest.norm)) AS norm,
    (written_at AT TIME ZONE $4)::date AS written) AS sort
WHERE ($1::text IS NULL OR position(by_letters($1) IN by_letters(concat_ws(' ', newest.norm,
        newest.title, body, example, title_en, body_en, example_en))) > 0)
  AND ($2::boolean IS NULL OR (stale_since IS NOT NULL) = $2)
  AND {behind}
ORDER BY {order} LIMIT {size}

-- name: articles_on
-- Articles on any of some paragraphs, each in its last version.
SELECT article, version, title, title_en, norm, stale_since
FROM (SELECT DISTINCT ON (article) * FROM guidance ORDER BY article, version DESC) AS newest
WHERE paragraphs && $1::text[]
ORDER BY title, article

-- name: versions_on
-- Every version of articles on any of some paragraphs.
SELECT article, version, norm FROM guidance WHERE paragraphs && $1::text[]

-- name: mark_stale
-- A law has changed, from a day on: some versions of articles must be read again.
UPDATE guidance SET stale_since = least(stale_since, $3)
FROM unnest($1::text[], $2::integer[]) AS changed (article, version)
WHERE guidance.article = changed.article AND guidance.version = changed.version

-- name: any_articles
-- Whether there is an article.
SELECT EXISTS (SELECT FROM guidance)

-- name: count_stale
-- How many articles are to be read again because their law has changed.
SELECT count(*) FILTER (WHERE stale_since IS NOT NULL)
FROM (SELECT DISTINCT ON (article) stale_since FROM guidance
      ORDER BY article, version DESC) AS newest
