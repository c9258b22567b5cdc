-- name: keep_catalogue
-- Keeps a catalogue of criteria, once.
INSERT INTO catalogue (digest, version, document) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING

-- name: kept_catalogue
-- A catalogue as it was.
SELECT document FROM catalogue WHERE digest = $1
