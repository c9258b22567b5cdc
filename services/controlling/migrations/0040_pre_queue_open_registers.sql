-- What open periods held before registers were chained comes first, in the order of its registration.
INSERT INTO unchained (period, size, decision_ids)
SELECT period, count(*), array_agg(decision_id ORDER BY registered_at, decision_id)
FROM (SELECT period, decision_id, registered_at,
          (row_number() OVER (PARTITION BY period ORDER BY registered_at, decision_id) - 1) / 2000 AS part
      FROM decision JOIN period ON period.key = decision.period
      WHERE closed_at IS NULL) AS registered
GROUP BY period, part ORDER BY period, part;
