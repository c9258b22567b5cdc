-- What the pages about messages may: see what became of them, plan one once more, stop one, close a task. What
-- a message tells stays under its recipient's key, which the desk can't read, nor any address.
GRANT SELECT (id, name, cause, cause_id, caused_at, case_ref, contact_ref, channel, language, facts, traceparent,
    state, reason, attempts, about, sequence, expires_at, voided, lane, planned_at, due_at, ended_at, entered_at,
    wanted_at, accepted_at, thread, follows, followed, sealed, digest, capacity, on_behalf_of)
    ON message TO gleichfall_desk;
GRANT INSERT (id, name, cause, cause_id, caused_at, case_ref, contact_ref, channel, language, facts, traceparent,
    state, about, sequence, expires_at, lane, due_at, thread, follows, followed, sealed, capacity, on_behalf_of),
    UPDATE (state, reason, due_at, ended_at) ON message TO gleichfall_desk;
GRANT SELECT (contact_ref, created_at) ON contact_key TO gleichfall_desk;
GRANT SELECT (contact_ref, channels, language, preferred, agreements, addresses) ON contact TO gleichfall_desk;
GRANT SELECT (contact_ref, channel, address, hardness, at) ON bounce TO gleichfall_desk;
GRANT SELECT (message, told_at) ON submission TO gleichfall_desk;
GRANT SELECT (case_ref) ON case_recipient TO gleichfall_desk;
GRANT SELECT (case_ref, standing) ON case_standing TO gleichfall_desk;
GRANT SELECT, UPDATE (done_at) ON task TO gleichfall_desk;
GRANT SELECT, INSERT ON intervention TO gleichfall_desk;
GRANT INSERT (topic, subject, last_sequence), UPDATE (last_sequence) ON stream_head TO gleichfall_desk;
