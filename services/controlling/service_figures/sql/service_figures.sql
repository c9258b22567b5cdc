-- name: keep_facts
-- Keeps what figures are counted from; what is repeated is kept once.
-- $1 is a list of rows: subject, sequence, type, time, part, day, appointment, facts.
INSERT INTO service_fact (subject, sequence, type, at, part, day, item, data)
SELECT row->>0, (row->>1)::bigint, row->>2, (row->>3)::timestamptz, row->>4, (row->>5)::date, row->>6, row->7
FROM jsonb_array_elements($1::jsonb) AS row
ON CONFLICT DO NOTHING

-- name: note_ended
-- Notes of submissions that something came of, whether they have ended; $2 is the type of their arrival.
UPDATE service_fact AS known SET ended = true
WHERE known.item = ANY($1::text[]) AND known.part = 'submissions' AND NOT known.ended AND EXISTS (
    SELECT FROM service_fact AS ending
    WHERE ending.item = known.item AND ending.part = 'submissions' AND ending.type <> $2)

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
-- $1 is the authority's time zone.
SELECT least(
    (SELECT min(day) FROM service_fact WHERE day BETWEEN $2 AND $3),
    (SELECT min(day) FROM service_figure WHERE day BETWEEN $2 AND $3),
    (SELECT min((decided_at AT TIME ZONE $1)::date) FROM decision
     WHERE decided_at >= greatest($2::date, current_date - 730)::timestamp AT TIME ZONE $1
       AND decided_at < ($3::date + 1)::timestamp AT TIME ZONE $1))

-- name: note_cases
-- Notes cases whose course changed, as one row.
INSERT INTO process_due (cases) VALUES ($1)

-- name: find_days_of_cases
-- Finds the days on which was decided in cases that were noted; not those of long ago, of whose cases
-- something may be forgotten. $1 is the authority's time zone.
WITH noted AS (
    DELETE FROM process_due WHERE id IN (SELECT id FROM process_due ORDER BY id LIMIT 1000)
    RETURNING cases
), touched AS (
    SELECT DISTINCT unnest(cases) AS case_ref FROM noted
)
INSERT INTO process_day (day)
SELECT DISTINCT (decided_at AT TIME ZONE $1)::date FROM decision JOIN touched USING (case_ref)
WHERE decided_at >= (current_date - 730)::timestamp AT TIME ZONE $1
ON CONFLICT DO NOTHING

-- name: take_days_of_cases
-- Takes the oldest of these days.
DELETE FROM process_day WHERE day IN (SELECT day FROM process_day ORDER BY day LIMIT $1) RETURNING day

-- name: days_of_decisions
-- The days on which was decided, from one to another, of whose cases nothing is forgotten yet.
-- $1 is the authority's time zone.
SELECT DISTINCT (decided_at AT TIME ZONE $1)::date AS day FROM decision
WHERE decided_at >= greatest($2::date, current_date - 730)::timestamp AT TIME ZONE $1
  AND decided_at < ($3::date + 1)::timestamp AT TIME ZONE $1
ORDER BY day

-- name: cases_of_days
-- The cases in which was decided on some days. $1 is the authority's time zone.
SELECT DISTINCT case_ref FROM unnest($2::date[]) AS asked (day)
JOIN decision ON decided_at >= asked.day::timestamp AT TIME ZONE $1
    AND decided_at < (asked.day + 1)::timestamp AT TIME ZONE $1

-- name: months_of_process
-- The months up to a day in which was decided, each by its first day, the latest first.
SELECT DISTINCT date_trunc('month', day)::date AS month FROM service_figure
WHERE part = 'process' AND day <= $1 ORDER BY month DESC

-- name: tell_month
-- Keeps how the decisions of a month came about, as it is told from now on; nothing while some of it waits
-- to be counted, or so much waits that looking through it would keep who asks waiting.
-- $1 and $2 are its days, $3 is the authority's time zone.
INSERT INTO told_month (month, figures)
SELECT $1, jsonb_agg(jsonb_build_array(day, place, counts) ORDER BY day, place) FROM service_figure
WHERE part = 'process' AND day BETWEEN $1 AND $2
  AND NOT EXISTS (SELECT FROM process_day AS due WHERE due.day BETWEEN $1 AND $2)
  AND NOT EXISTS (SELECT FROM process_due, unnest(cases) OFFSET 2000)
  AND NOT EXISTS (
    SELECT FROM process_due, unnest(cases) AS touched (case_ref) JOIN decision USING (case_ref)
    WHERE decided_at >= $1::date::timestamp AT TIME ZONE $3
      AND decided_at < ($2::date + 1)::timestamp AT TIME ZONE $3)
HAVING count(*) > 0
ON CONFLICT DO NOTHING

-- name: told_month
-- How the decisions of a month came about, as it was told first.
SELECT 'process', (row->>0)::date, row->>1, (row->2)::text
FROM told_month, jsonb_array_elements(figures) AS row WHERE month = $1

-- name: told_at
-- When something was first told of a month.
SELECT told_at FROM told_month WHERE month = $1

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

-- name: figures_of_slots
-- Those of published slots and of appointments.
SELECT part, day, place, counts FROM service_figure
WHERE day BETWEEN $1 AND $2 AND part IN ('appointments', 'capacity') ORDER BY part, day, place

-- name: last_told
-- When the last thing happened that counters and telephones of days up to one were counted from.
SELECT max(last.at) FROM (VALUES ('emergency-counter'), ('telephone')) AS asked (part), LATERAL (
    SELECT at FROM service_fact AS fact
    WHERE fact.part = asked.part AND fact.day <= $1 AND fact.counted ORDER BY fact.day DESC, fact.at DESC LIMIT 1) AS last

-- name: staffing
-- All that was said about posts up to a day.
SELECT part, day, place, counts FROM service_figure WHERE part = 'staffing' AND day <= $1

-- name: latest_days
-- The last days up to one of which there are figures: of anything, and without appointments and their
-- slots, which lie ahead of what is told.
SELECT max(day) AS latest, max(day) FILTER (WHERE part NOT IN ('appointments', 'capacity')) AS told
FROM service_figure WHERE day <= $1

-- name: known_days
-- The first and the last day of which there are figures; null without.
SELECT min(day) AS first, max(day) AS last FROM service_figure

-- name: unsettled_figures
-- Those of them that could still be counted anew.
SELECT part, day, place, counts FROM service_figure AS kept
WHERE day BETWEEN $1 AND $2 AND NOT (part = 'process' AND day < current_date - 730)
  AND NOT EXISTS (
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

-- name: open_submissions
-- What was handed in online and neither accepted nor rejected; $1 is the type of its arrival. Few are looked at;
-- which of them have ended is asked all the same: arrival and end may be kept at once, each unseen by the other.
SELECT arrived.subject, arrived.at, coalesce(arrived.data->>'service_key', '')
FROM service_fact AS arrived
WHERE arrived.part = 'submissions' AND NOT arrived.ended AND arrived.type = $1 AND NOT EXISTS (
    SELECT FROM service_fact AS ended
    WHERE ended.item = arrived.item AND ended.part = 'submissions' AND ended.type <> $1)

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
