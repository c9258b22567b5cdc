-- A period and its secret seed. The commitment is public from the first moment.
CREATE TABLE period (
    key            text        PRIMARY KEY,
    first_day      date        NOT NULL,
    last_day       date        NOT NULL,
    sealed_seed    bytea       NOT NULL,
    commitment     text        NOT NULL,
    policy_version text        NOT NULL,
    opened_at      timestamptz NOT NULL DEFAULT now()
);

-- The sampling frame: every decision, with the ticket it was given. No officer stands here.
CREATE TABLE decision (
    decision_id           text        PRIMARY KEY,
    case_ref              text        NOT NULL,
    period                text        NOT NULL REFERENCES period (key),
    stratum               text        NOT NULL,
    type_code             text        NOT NULL,
    ticket                text        NOT NULL COLLATE "C",
    inclusion_probability numeric     NOT NULL,
    drawn                 boolean     NOT NULL,
    policy_version        text        NOT NULL,
    decided_at            timestamptz NOT NULL,
    registered_at         timestamptz NOT NULL DEFAULT now(),
    corrected_at          timestamptz,
    withdrawn_at          timestamptz
);
CREATE INDEX decision_by_period ON decision (period, stratum, ticket);

-- What was drawn, and why. The decider is kept for drawn decisions only, to forbid self-review.
CREATE TABLE draw (
    decision_id text        PRIMARY KEY REFERENCES decision (decision_id),
    reasons     text[]      NOT NULL,
    decider     text        NOT NULL,
    co_signer   text,
    drawn_at    timestamptz NOT NULL
);
