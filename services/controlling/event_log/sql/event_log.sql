-- name: extent
-- How many events an event log has: of cases, and of offices.
SELECT (SELECT count(*) FROM decision) + (SELECT count(*) FROM case_event)
        + (SELECT count(*) FROM service_fact WHERE part IN ('appointments', 'submissions')) AS of_cases,
    (SELECT count(*) FROM service_fact WHERE part NOT IN ('appointments', 'submissions', 'arrivals'))
        AS of_offices

-- name: events_of_cases
-- All that is known of all cases, case by case. A decision has no number, and its direction and unit
-- stand in its stratum. Arrivals stand among the events of their cases already.
SELECT case_ref, sequence, type, at, data, NULL AS stratum FROM case_event
UNION ALL
SELECT subject, sequence, type, at, data, NULL FROM service_fact WHERE part IN ('appointments', 'submissions')
UNION ALL
SELECT case_ref, 0, $1::text, decided_at, coalesce(facts, '{}')
    || jsonb_build_object('decision_id', decision_id, 'type_code', type_code), stratum
FROM decision
ORDER BY case_ref

-- name: events_of_offices
-- All that is known of offices, each in the order in which it was told.
SELECT subject, sequence, type, at, data FROM service_fact
WHERE part NOT IN ('appointments', 'submissions', 'arrivals')
ORDER BY subject, sequence

-- name: items_of_cases
-- The things of cases, each with the cases that name it; a case names itself.
SELECT id, type, array_remove(array_agg(DISTINCT case_ref), id) AS cases FROM (
    SELECT case_ref, case_ref AS id, 'case' AS type FROM case_event
    UNION ALL SELECT case_ref, data->>'decision_id', 'decision' FROM case_event
    UNION ALL SELECT case_ref, case_ref, 'case' FROM decision
    UNION ALL SELECT case_ref, decision_id, 'decision' FROM decision
    UNION ALL SELECT subject, subject, 'case' FROM service_fact WHERE part IN ('appointments', 'submissions')
    UNION ALL SELECT subject, item, 'appointment' FROM service_fact WHERE part = 'appointments'
    UNION ALL SELECT subject, item, 'submission' FROM service_fact WHERE part = 'submissions'
) AS named
WHERE id IS NOT NULL
GROUP BY type, id
ORDER BY type, id
