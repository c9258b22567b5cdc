-- name: enter_schema
-- Lets this transaction see the tables of one service.
SELECT set_config('search_path', $1, true)

-- name: learn_types
-- The lists that statements take: the client asks for a type's form when it first meets it, and who waits then
-- waits for that too.
SELECT NULL::text[], NULL::uuid[], NULL::bytea[], NULL::bigint[], NULL::integer[], NULL::smallint[], NULL::boolean[],
    NULL::date[], NULL::timestamptz[], NULL::interval[], NULL::numeric[], NULL::jsonb[]
