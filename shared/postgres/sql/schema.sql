-- name: enter_schema
-- Lets this transaction see the tables of one service.
SELECT set_config('search_path', $1, true)
