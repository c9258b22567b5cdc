-- name: register_decisions
-- Enters decisions into the frame; gives those that weren't there, the others are left as they are. A batch holds few places
-- (period, stratum, type), so each is sent once and decisions point at theirs, from 1.
-- $1 is a list of rows: id, case, ticket, drawn, decided at, place, facts.
INSERT INTO decision (decision_id, case_ref, period, stratum, type_code, ticket,
    inclusion_probability, drawn, policy_version, late, type_group, decided_at, facts)
SELECT row->>0, row->>1, period, stratum, type_code, row->>2, probability, (row->>3)::boolean,
    policy_version, late_group IS NOT NULL, late_group, (row->>4)::timestamptz, row->6
FROM jsonb_array_elements($1::jsonb) AS row
JOIN unnest($2::text[], $3::text[], $4::text[], $5::numeric[], $6::text[], $7::text[])
         WITH ORDINALITY
         AS places (period, stratum, type_code, probability, policy_version, late_group, place)
         ON place = (row->>5)::integer
ON CONFLICT DO NOTHING
RETURNING decision_id

-- name: contents
-- What registered decisions are bound to; what another transaction entered meanwhile is seen, too.
SELECT decision_id, case_ref, type_code, stratum, decided_at, facts
FROM decision WHERE decision_id = ANY(string_to_array($1, ' '))

-- name: note_second
-- Notes decisions that came under the id of another one.
INSERT INTO second_decision (decision_id, claimed_id)
SELECT * FROM unnest($1::text[], $2::text[])

-- name: note_new
-- Puts decisions where those wait that were not yet compared with others, and where those do that
-- aren't in the chain of their period's register yet; and notes how many of each period each source
-- sent: rows of an hour are added up when they are read, so that nobody waits.
WITH batch AS MATERIALIZED (
    SELECT period, string_to_array(words, ' ') AS ids
    FROM unnest($1::text[], $2::text[]) AS registered (period, words)
), compared AS (
    INSERT INTO uncompared (size, decision_ids) SELECT cardinality(ids), ids FROM batch
), arrived AS (
    INSERT INTO arrival (period, source, decisions, hour)
    SELECT period, source, decisions, date_trunc('hour', now())
    FROM unnest($3::text[], $4::text[], $5::integer[]) AS sent (period, source, decisions)
)
INSERT INTO unchained (period, size, decision_ids) SELECT period, cardinality(ids), ids FROM batch

-- name: tighten_candidates
-- The ticket up to which decisions of a stratum may be topped up; the deciders of those beyond it
-- are no longer needed.
WITH bounds AS (
    SELECT period, stratum, (
        SELECT ticket FROM decision
        WHERE decision.period = strata.period AND decision.stratum = strata.stratum
        ORDER BY ticket OFFSET minimum - 1 LIMIT 1) AS bound
    FROM unnest($1::text[], $2::text[], $3::integer[]) AS strata (period, stratum, minimum)
), forgotten AS (
    DELETE FROM candidate WHERE decision_id IN (
        SELECT decision_id
        FROM candidate JOIN decision USING (decision_id) JOIN bounds USING (stratum)
        WHERE candidate.period = bounds.period AND ticket > bound
        FOR UPDATE OF candidate SKIP LOCKED)
)
SELECT period, stratum, bound FROM bounds WHERE bound IS NOT NULL

-- name: keep_candidates
-- Keeps the deciders of decisions that may be topped up.
INSERT INTO candidate (decision_id, period, decider, co_signer)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])

-- name: mark_corrected
-- Marks decisions as corrected; they stay in the frame.
UPDATE decision SET corrected_at = batch.at
FROM unnest($1::text[], $2::timestamptz[]) AS batch (decision_id, at)
WHERE decision.decision_id = batch.decision_id

-- name: mark_withdrawn
-- Marks decisions as withdrawn; they stay in the frame.
UPDATE decision SET withdrawn_at = batch.at
FROM unnest($1::text[], $2::timestamptz[]) AS batch (decision_id, at)
WHERE decision.decision_id = batch.decision_id
