-- Who signs in to the workbench. One account, one role. The staff number is read by one process only,
-- which tells who must not review what.
CREATE TABLE account (
    id            uuid        PRIMARY KEY,
    login         text        NOT NULL UNIQUE,
    name          text        NOT NULL,
    role          text        NOT NULL,
    unit          text,
    groups        text[]      NOT NULL DEFAULT '{}',
    share         numeric     NOT NULL DEFAULT 1 CHECK (share >= 0 AND share <= 1),
    staff_number  text,
    absent_from   date,
    absent_until  date,
    locked_at     timestamptz,
    password_hash text,
    created_at    timestamptz NOT NULL
);

-- Who is signed in, by the hash of what the browser holds.
CREATE TABLE session (
    id_hash    bytea       PRIMARY KEY,
    account    uuid        NOT NULL REFERENCES account (id),
    sid        text,
    csrf       bytea       NOT NULL,
    language   text        NOT NULL,
    created_at timestamptz NOT NULL,
    seen_at    timestamptz NOT NULL,
    ends_at    timestamptz NOT NULL
);
CREATE INDEX session_by_sid ON session (sid);

-- Refused attempts to sign in with a local account, to slow down who guesses.
CREATE TABLE sign_in_attempt (
    login_hash bytea       NOT NULL,
    address    inet        NOT NULL,
    at         timestamptz NOT NULL
);
CREATE INDEX sign_in_attempt_by_login ON sign_in_attempt (login_hash, at);
CREATE INDEX sign_in_attempt_by_address ON sign_in_attempt (address, at);

-- What happened to a case, as evidence for its reviews.
CREATE TABLE case_event (
    case_ref text        NOT NULL,
    sequence bigint      NOT NULL,
    type     text        NOT NULL,
    at       timestamptz NOT NULL,
    data     jsonb       NOT NULL,
    PRIMARY KEY (case_ref, sequence)
);
CREATE INDEX case_event_by_day ON case_event USING brin (at);

-- The catalogues of criteria that reviews began with: a changed file doesn't touch them.
CREATE TABLE catalogue (
    digest   text PRIMARY KEY,
    version  text NOT NULL,
    document text NOT NULL
);

-- Who must not review what: who decided or signed it, or decided in its unit, or declared a conflict.
-- Nobody reads it but by `may_review`, one pair at a time: read as a list it would tell who decided.
CREATE TABLE recusal (
    decision_id text    NOT NULL,
    account     uuid    NOT NULL REFERENCES account (id),
    excluded    boolean NOT NULL,
    declared    boolean NOT NULL DEFAULT false,
    PRIMARY KEY (decision_id, account)
);

-- With which facts an account was last held against open reviews.
CREATE TABLE vetted_account (
    account      uuid PRIMARY KEY REFERENCES account (id),
    staff_number text,
    unit         text
);

-- Whether somebody may review a decision; what isn't known yet is refused.
CREATE FUNCTION may_review(text, uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = controlling AS $$
    SELECT coalesce(
        (SELECT NOT excluded AND NOT declared FROM recusal
         WHERE decision_id = $1 AND account = $2), false)
$$;
REVOKE ALL ON FUNCTION may_review(text, uuid) FROM PUBLIC;

-- Somebody declares a conflict: from now on they may not review that decision.
CREATE FUNCTION declare_conflict(text, uuid) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = controlling AS $$
    INSERT INTO recusal (decision_id, account, excluded, declared) VALUES ($1, $2, true, true)
    ON CONFLICT (decision_id, account) DO UPDATE SET declared = true
$$;
REVOKE ALL ON FUNCTION declare_conflict(text, uuid) FROM PUBLIC;

-- Whether what stands in the queue has its reviews; undone when there is another reason for it.
ALTER TABLE draw ADD COLUMN opened boolean NOT NULL DEFAULT false;

-- A review of a drawn decision: the first, a blind second one, or who settles where they differ. Two
-- reviews of one decision are never one person's. What an earlier holder answered is older than
-- `taken_at` and counts no more.
CREATE TABLE review (
    id             uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    decision_id    text        NOT NULL REFERENCES draw (decision_id),
    round          integer     NOT NULL CHECK (round BETWEEN 1 AND 3),
    decision_group text        NOT NULL,
    unit           text        NOT NULL,
    priority       integer     NOT NULL,
    state          text        NOT NULL,
    account        uuid        REFERENCES account (id),
    due            date        NOT NULL,
    form           text,
    form_digest    text,
    questions      integer,
    opened_at      timestamptz NOT NULL,
    assigned_at    timestamptz,
    taken_at       timestamptz,
    signed_at      timestamptz,
    closed_at      timestamptz,
    overdue_at     timestamptz,
    reason         text,
    seconds        integer     NOT NULL DEFAULT 0,
    version        integer     NOT NULL DEFAULT 1,
    vetted         boolean     NOT NULL DEFAULT false,
    UNIQUE (decision_id, round),
    UNIQUE (decision_id, account)
);
CREATE INDEX review_by_account ON review (account, due, id);
CREATE INDEX review_waiting ON review (priority, due, id) WHERE state = 'waiting';
CREATE INDEX review_by_due ON review (due, id) WHERE state NOT IN ('signed', 'closed');
CREATE INDEX review_to_vet ON review (decision_id) WHERE NOT vetted;

-- What a reviewer answered. Nothing is overwritten: the latest version counts, and of two who
-- write the same version the second is told so.
CREATE TABLE answer (
    review   uuid        NOT NULL REFERENCES review (id),
    question text        NOT NULL,
    version  integer     NOT NULL,
    grade    text,
    comment  text        NOT NULL DEFAULT '',
    detail   jsonb       NOT NULL DEFAULT '{}',
    origin   text        NOT NULL,
    saved_at timestamptz NOT NULL,
    PRIMARY KEY (review, question, version)
);

-- What a review found, with a life of its own.
CREATE TABLE finding (
    number         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    decision_id    text        NOT NULL,
    review         uuid        NOT NULL REFERENCES review (id),
    question       text        NOT NULL,
    severity       text        NOT NULL,
    healable       text        NOT NULL,
    healable_until date,
    unit           text        NOT NULL,
    type_code      text        NOT NULL,
    state          text        NOT NULL,
    raised_at      timestamptz NOT NULL,
    due            date        NOT NULL,
    version        integer     NOT NULL DEFAULT 1,
    UNIQUE (decision_id, question)
);
CREATE INDEX finding_by_unit ON finding (unit, state, due);
CREATE INDEX finding_alike ON finding (question, type_code);

-- What happened to a finding, one step after the other.
CREATE TABLE finding_step (
    finding  bigint      NOT NULL REFERENCES finding (number),
    position integer     NOT NULL,
    kind     text        NOT NULL,
    account  uuid        REFERENCES account (id),
    text     text        NOT NULL DEFAULT '',
    at       timestamptz NOT NULL,
    PRIMARY KEY (finding, position)
);

-- What was agreed on findings, and whether it helped.
CREATE TABLE measure (
    number     bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind       text        NOT NULL,
    title      text        NOT NULL,
    owner      text        NOT NULL,
    unit       text,
    question   text        NOT NULL,
    due        date        NOT NULL,
    state      text        NOT NULL,
    agreed_at  timestamptz NOT NULL,
    done_at    timestamptz,
    checked_at timestamptz,
    effect     jsonb,
    version    integer     NOT NULL DEFAULT 1
);
CREATE TABLE measure_finding (
    measure bigint NOT NULL REFERENCES measure (number),
    finding bigint NOT NULL REFERENCES finding (number),
    PRIMARY KEY (measure, finding)
);

-- Short articles, one norm each. A new version never changes an old one.
CREATE TABLE guidance (
    article     text        NOT NULL,
    version     integer     NOT NULL,
    norm        text        NOT NULL,
    title       text        NOT NULL,
    body        text        NOT NULL,
    example     text        NOT NULL DEFAULT '',
    account     uuid        REFERENCES account (id),
    written_at  timestamptz NOT NULL,
    stale_since date,
    PRIMARY KEY (article, version)
);

-- Who saw, did and was refused what. Each entry holds the hash of the one before it.
CREATE TABLE audit (
    number   bigint      PRIMARY KEY,
    at       timestamptz NOT NULL,
    account  uuid,
    role     text,
    act      text        NOT NULL,
    object   text        NOT NULL,
    detail   jsonb       NOT NULL,
    previous bytea       NOT NULL UNIQUE,
    hash     bytea       NOT NULL UNIQUE
);
CREATE INDEX audit_by_object ON audit (object, number);
CREATE INDEX audit_by_account ON audit (account, number);
REVOKE UPDATE, DELETE, TRUNCATE ON audit FROM gleichfall_controlling;
REVOKE UPDATE, DELETE ON answer, finding_step, guidance FROM gleichfall_controlling;
GRANT UPDATE (stale_since) ON guidance TO gleichfall_controlling;

-- What the pages may: nothing of seeds and deciders, no writing in the register.
GRANT SELECT (key, first_day, last_day, commitment, policy_version, opened_at, policy, closed_at, closing, time_stamp)
    ON period TO gleichfall_workbench;
GRANT SELECT ON decision, policy, lot_result, law_change, frame_count, case_event TO gleichfall_workbench;
GRANT SELECT (decision_id, case_ref, block, direction, decided_at, features, twin, distance)
    ON twin_case TO gleichfall_workbench;
GRANT SELECT (decision_id, reasons, drawn_at, priority, twice) ON draw TO gleichfall_workbench;
GRANT SELECT (id, login, name, role, unit, groups, share, absent_from, absent_until, locked_at, password_hash, created_at),
    INSERT, UPDATE ON account TO gleichfall_workbench;
GRANT SELECT, INSERT, UPDATE, DELETE ON session, sign_in_attempt TO gleichfall_workbench;
GRANT SELECT, INSERT, UPDATE ON review, finding, measure TO gleichfall_workbench;
GRANT SELECT, INSERT ON catalogue, answer, finding_step, measure_finding, guidance, audit TO gleichfall_workbench;
GRANT UPDATE (stale_since) ON guidance TO gleichfall_workbench;
GRANT SELECT, INSERT, UPDATE ON stream_head TO gleichfall_workbench;
GRANT INSERT, SELECT ON outbox TO gleichfall_workbench;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA controlling TO gleichfall_workbench;
GRANT EXECUTE ON FUNCTION may_review(text, uuid), declare_conflict(text, uuid)
    TO gleichfall_workbench, gleichfall_controlling;
