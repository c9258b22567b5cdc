-- What happened at counters and telephones: what figures of the service are counted from, and counted anew.
-- `item` is the appointment that something is about.
CREATE TABLE service_fact (
    subject  text        NOT NULL,
    sequence bigint      NOT NULL,
    type     text        NOT NULL,
    at       timestamptz NOT NULL,
    part     text        NOT NULL,
    day      date        NOT NULL,
    item     text,
    data     jsonb       NOT NULL,
    counted  boolean     NOT NULL DEFAULT false,
    PRIMARY KEY (subject, sequence)
);
CREATE INDEX service_fact_by_day ON service_fact (part, day);
CREATE INDEX service_fact_by_item ON service_fact (item) WHERE item IS NOT NULL;
CREATE INDEX service_fact_by_age ON service_fact (day);
CREATE INDEX service_fact_uncounted ON service_fact (part) WHERE NOT counted;

-- The figures of a day, by part of the service and place; never about a person. Once facts of a day
-- are forgotten, its figures are settled: nothing counts them anew.
CREATE TABLE service_figure (
    part    text    NOT NULL,
    day     date    NOT NULL,
    place   text    NOT NULL,
    counts  jsonb   NOT NULL,
    settled boolean NOT NULL DEFAULT false,
    PRIMARY KEY (part, day, place)
);
CREATE INDEX service_figure_by_day ON service_figure (day);

-- Which alarms were raised, so that each is raised once: a counter's about its office and day, a
-- clock's about its case, last day and stage.
CREATE TABLE service_alarm (
    kind      text        NOT NULL,
    about     text        NOT NULL,
    day       date        NOT NULL,
    stage     integer     NOT NULL DEFAULT 0,
    raised_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (kind, about, day, stage)
);
CREATE INDEX service_alarm_by_age ON service_alarm (raised_at);

GRANT SELECT (subject, sequence, type, at, part, day, item, data) ON service_fact TO gleichfall_workbench;
GRANT SELECT ON service_figure, waiting_case TO gleichfall_workbench;
