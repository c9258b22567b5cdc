-- name: note_proofs
-- Keeps what proves a key that was never seen before.
INSERT INTO key_proof (name, proof) SELECT * FROM unnest($1::text[], $2::bytea[])
ON CONFLICT (name) DO NOTHING

-- name: proofs
-- What proves these keys.
SELECT name, proof FROM key_proof WHERE name = ANY($1::text[])

-- name: forget_proofs
-- Lets the next start take whichever keys it finds.
DELETE FROM key_proof WHERE name = ANY($1::text[]) RETURNING name

-- name: exchange_proof
-- Keeps what proves a key that has taken another's place.
INSERT INTO key_proof (name, proof) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET proof = $2
