-- name: hold_digest
-- Takes a kind of mail on a day for a while, unless it is done or another process has it; gives how
-- much there is to tell, counted once, when the mail is first taken. Of tasks those still open that
-- were opened since the last mail; of reviews and measures those that end by $5, or should
-- have ended.
INSERT INTO morning_mail (kind, day, until, amount, held_until)
SELECT $1, $2::date, $3::timestamptz,
       CASE $1
           WHEN 'delivery_failed' THEN
               (SELECT count(*) FROM task
                WHERE done_at IS NULL AND opened_at <= $3
                  AND opened_at > coalesce((SELECT max(until) FROM morning_mail
                                            WHERE kind = $1 AND day < $2 AND done_at IS NOT NULL),
                                           '-infinity'))
           WHEN 'reviews_due' THEN
               (SELECT count(*) FROM review_deadline WHERE NOT done AND due BETWEEN $2 AND $5::date)
           WHEN 'reviews_overdue' THEN
               (SELECT count(*) FROM review_deadline WHERE NOT done AND due < $2)
           WHEN 'measures_due' THEN
               (SELECT count(*) FROM measure_deadline WHERE NOT done AND due BETWEEN $2 AND $5::date)
           WHEN 'measures_overdue' THEN
               (SELECT count(*) FROM measure_deadline WHERE NOT done AND due < $2)
       END,
       $3 + $4::interval
ON CONFLICT (kind, day) DO UPDATE SET held_until = excluded.held_until
WHERE morning_mail.done_at IS NULL AND morning_mail.held_until <= $3
RETURNING amount

-- name: end_digest
-- Writes down that staff have been told, or that there was nothing to tell.
UPDATE morning_mail SET done_at = $3 WHERE kind = $1 AND day = $2
