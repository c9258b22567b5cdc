-- What the release before registered meanwhile. A period that closed before this has no chain: it would
-- lack these.
WITH known AS MATERIALIZED (
    SELECT unnest(decision_ids) AS decision_id FROM register_block
    UNION ALL SELECT unnest(decision_ids) FROM unchained
), missing AS MATERIALIZED (
    SELECT period, decision_id, registered_at, closed_at IS NULL AS open
    FROM decision JOIN period ON period.key = decision.period
    WHERE (closed_at IS NULL OR closed_entries IS NOT NULL)
      AND NOT EXISTS (SELECT FROM known WHERE known.decision_id = decision.decision_id)
), unproved AS (
    UPDATE period SET closed_entries = NULL
    WHERE key IN (SELECT period FROM missing WHERE NOT open)
)
INSERT INTO unchained (period, size, decision_ids)
SELECT period, count(*), array_agg(decision_id ORDER BY registered_at, decision_id)
FROM (SELECT period, decision_id, registered_at,
          (row_number() OVER (PARTITION BY period ORDER BY registered_at, decision_id) - 1) / 2000 AS part
      FROM missing WHERE open) AS registered
GROUP BY period, part ORDER BY period, part;
