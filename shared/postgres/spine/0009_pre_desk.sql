-- What the desk may in every service: see what waits, and settle what a person must. What it sends again leaves
-- through the outbox.
GRANT SELECT ON migration, inbox, stream_head TO gleichfall_desk;
GRANT SELECT (topic, subject, parked_at) ON parked TO gleichfall_desk;
GRANT SELECT (id, topic, key, created_at), INSERT (topic, key, headers, value) ON outbox TO gleichfall_desk;
GRANT SELECT, UPDATE (state, settled_at, settled_by, settled_because, earlier, outbox_id, sequence)
    ON dead_letter TO gleichfall_desk;
GRANT SELECT, UPDATE (state, settled_at, settled_by, settled_because) ON held_item TO gleichfall_desk;
