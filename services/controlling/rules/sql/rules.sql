-- name: drawn_by
-- The policy by which the period of a day is drawn, if it has opened.
SELECT policy_version FROM period WHERE $1 BETWEEN first_day AND last_day
