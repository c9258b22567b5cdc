-- name: keep_facts
-- Keeps what figures are counted from; what is repeated is kept once.
-- $1 is a list of rows: subject, sequence, type, time, part, day, appointment, facts.
INSERT INTO service_fact (subject, sequence, type, at, part, day, item, data)
SELECT row->>0, (row->>1)::bigint, row->>2, (row->>3)::timestamptz, row->>4, (row->>5)::date, row->>6, row->7
FROM jsonb_array_elements($1::jsonb) AS row
ON CONFLICT DO NOTHING

-- name: hold_figures
-- Lets nobody else count until this transaction ends; reading goes on.
LOCK TABLE service_figure IN SHARE ROW EXCLUSIVE MODE

-- name: take_uncounted
-- Takes what no figure has counted yet of the oldest days of a part of the service; gives the days that it is about, and
-- those of the same appointments.
WITH due AS (
    SELECT DISTINCT day FROM service_fact WHERE part = $1 AND NOT counted ORDER BY day LIMIT $2
), taken AS (
    UPDATE service_fact AS fact SET counted = true FROM due
    WHERE fact.part = $1 AND NOT fact.counted AND fact.day = due.day
    RETURNING fact.day, fact.item
)
SELECT day FROM taken
UNION
SELECT same.day FROM taken JOIN service_fact AS same ON same.item = taken.item

-- name: anything_uncounted
-- Whether something of a part of the service waits to be counted that is about the days from one to another.
SELECT EXISTS (SELECT FROM service_fact WHERE part = $1 AND day BETWEEN $2 AND $3 AND NOT counted)

-- name: facts_of_days
-- All that is known of some days of a part of the service, and of the appointments that touch them.
WITH of_days AS (
    SELECT subject, sequence, item FROM service_fact WHERE part = $1 AND day = ANY($2::date[])
), every AS (
    SELECT subject, sequence FROM of_days
    UNION
    SELECT same.subject, same.sequence FROM service_fact AS same
    JOIN (SELECT DISTINCT item FROM of_days) AS touched ON same.item = touched.item
)
SELECT part, day, at, type, data FROM service_fact JOIN every USING (subject, sequence)
ORDER BY day, at, subject, sequence

-- name: days_with_facts
-- Each day of each part of the service of which something is known, from one day to another, unless
-- some of it is forgotten already.
SELECT DISTINCT part, day FROM service_fact AS fact
WHERE day BETWEEN $1 AND $2 AND NOT EXISTS (
    SELECT FROM service_figure AS kept
    WHERE kept.part = fact.part AND kept.day = fact.day AND kept.settled)

-- name: next_day
-- The first day, from one to another, of which something is known or was counted.
SELECT least(
    (SELECT min(day) FROM service_fact WHERE day BETWEEN $1 AND $2),
    (SELECT min(day) FROM service_figure WHERE day BETWEEN $1 AND $2))

-- name: replace_figures
-- Keeps the figures of some days in place of those there were; settled days stay as they are.
-- $3 is a list of rows: day, place, counts.
WITH settled AS (
    SELECT DISTINCT day FROM service_figure WHERE part = $1 AND day = ANY($2::date[]) AND settled
), counted AS (
    SELECT (row->>0)::date AS day, row->>1 AS place, row->2 AS counts
    FROM jsonb_array_elements($3::jsonb) AS row
), gone AS (
    DELETE FROM service_figure AS kept
    WHERE part = $1 AND day = ANY($2::date[]) AND day NOT IN (SELECT day FROM settled)
      AND NOT EXISTS (
        SELECT FROM counted WHERE counted.day = kept.day AND counted.place = kept.place)
)
INSERT INTO service_figure (part, day, place, counts)
SELECT $1, day, place, counts FROM counted WHERE day NOT IN (SELECT day FROM settled)
ON CONFLICT (part, day, place) DO UPDATE SET counts = excluded.counts
WHERE service_figure.counts <> excluded.counts

-- name: figures
-- The figures of the days from one to another.
SELECT part, day, place, counts FROM service_figure
WHERE day BETWEEN $1 AND $2 ORDER BY part, day, place

-- name: latest_days
-- The last days up to one of which there are figures: of anything, and without appointments, which
-- lie ahead of what is told.
SELECT max(day) AS latest, max(day) FILTER (WHERE part <> 'appointments') AS told
FROM service_figure WHERE day <= $1

-- name: unsettled_figures
-- Those of them that could still be counted anew.
SELECT part, day, place, counts FROM service_figure AS kept
WHERE day BETWEEN $1 AND $2 AND NOT EXISTS (
    SELECT FROM service_figure AS other
    WHERE other.part = kept.part AND other.day = kept.day AND other.settled)
ORDER BY part, day, place

-- name: open_applications
-- All that waits for a decision.
SELECT case_ref, since, service, ruled FROM waiting_case

-- name: forget_facts
-- Forgets what happened long ago, an appointment after its last day; the figures of those days are
-- settled with it.
WITH due AS (
    SELECT subject, sequence FROM service_fact AS old
    WHERE day < current_date - $1::interval AND counted AND NOT EXISTS (
        SELECT FROM service_fact AS same
        WHERE same.item = old.item AND same.day >= current_date - $1::interval)
    LIMIT $2 FOR UPDATE SKIP LOCKED
), forgotten AS (
    DELETE FROM service_fact AS fact USING due
    WHERE fact.subject = due.subject AND fact.sequence = due.sequence
    RETURNING fact.part, fact.day
), settled AS (
    UPDATE service_figure AS figure SET settled = true FROM (SELECT DISTINCT part, day FROM forgotten) AS over
    WHERE figure.part = over.part AND figure.day = over.day AND NOT settled
)
SELECT count(*) FROM forgotten

-- name: steering_events
-- What stops, restarts and ends the clocks of cases that wait.
SELECT happened.case_ref, happened.sequence, happened.type, happened.at, happened.data
FROM (SELECT DISTINCT case_ref FROM waiting_case) AS waiting JOIN case_event AS happened USING (case_ref)
WHERE happened.type = ANY($1::text[])

-- name: raise_alarms
-- Notes alarms; gives those that were not raised before.
INSERT INTO service_alarm (kind, about, day, stage)
SELECT * FROM unnest($1::text[], $2::text[], $3::date[], $4::integer[])
ON CONFLICT DO NOTHING RETURNING kind, about, day, stage

-- name: forget_alarms
-- Forgets alarms that were raised long ago.
WITH due AS (
    SELECT kind, about, day, stage FROM service_alarm WHERE raised_at < now() - $1::interval
    LIMIT $2 FOR UPDATE SKIP LOCKED
), forgotten AS (
    DELETE FROM service_alarm AS alarm USING due
    WHERE alarm.kind = due.kind AND alarm.about = due.about AND alarm.day = due.day
      AND alarm.stage = due.stage
    RETURNING due.day
)
SELECT count(*) FROM forgotten
