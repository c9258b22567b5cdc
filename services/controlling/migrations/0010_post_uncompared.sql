-- What the release before registered and left uncompared.
INSERT INTO uncompared (size, decision_ids)
SELECT count(*), array_agg(decision_id)
FROM (SELECT decision_id, row_number() OVER (ORDER BY decision_id) / 2000 AS batch
      FROM decision WHERE NOT compared) AS waiting
GROUP BY batch;
