-- name: forms_of_reviews
-- With which catalogues the reviews of a period's decisions began.
SELECT DISTINCT form_digest FROM review
WHERE period = $1 AND round = 1 AND state IN ('signed', 'closed') ORDER BY form_digest

-- name: signed_reviews
-- What signed reviews say of a period's decisions, a row each, in the order of the draw. While one
-- of two blind reviews isn't signed, nothing is said of that decision. With $2, only these
-- questions are read.
SELECT decision.decision_id, decision.stratum, decision.type_code, first.form_digest,
    (SELECT jsonb_object_agg(question, grade) FROM (
        SELECT DISTINCT ON (question) question, grade FROM answer
        WHERE review = first.id AND saved_at >= first.taken_at
          AND ($2::text[] IS NULL OR question = ANY($2))
        ORDER BY question, version DESC) AS last
     WHERE grade IS NOT NULL) AS answers,
    (SELECT grade FROM answer
     WHERE review = second.id AND question = 'on_the_file' AND saved_at >= second.taken_at
     ORDER BY version DESC LIMIT 1) AS second,
    (SELECT grade FROM answer
     WHERE review = third.id AND question = 'on_the_file' AND saved_at >= third.taken_at
     ORDER BY version DESC LIMIT 1) AS settled,
    coalesce(least(corrected_at, withdrawn_at) < first.signed_at, false) OR EXISTS (
        SELECT FROM case_event
        WHERE case_event.case_ref = decision.case_ref AND at < first.signed_at
          AND data->>'decision_id' = decision.decision_id
          AND (type = 'gleichfall.appeal.remedied.v1'
               OR type IN ('gleichfall.appeal.decided.v1', 'gleichfall.court.decided.v1')
               AND data->>'outcome' IN ('reversed', 'partly_reversed'))) AS put_right
FROM review AS first
JOIN decision USING (decision_id)
LEFT JOIN review AS second ON second.decision_id = decision.decision_id AND second.round = 2
LEFT JOIN review AS third ON third.decision_id = decision.decision_id AND third.round = 3
    AND third.state IN ('signed', 'closed')
WHERE first.period = $1 AND first.round = 1 AND first.state IN ('signed', 'closed')
    AND (second.id IS NULL OR second.state IN ('signed', 'closed'))
ORDER BY decision.stratum COLLATE "C", decision.ticket, decision.decision_id COLLATE "C"
