-- Twins are drawn once a week, from the pairs that were found since the last time: a round.
CREATE TABLE twin_round (
    number         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    week           date        NOT NULL,
    policy_version text        NOT NULL,
    budget         integer     NOT NULL,
    among          integer     NOT NULL,
    drawn          integer     NOT NULL,
    drawn_at       timestamptz NOT NULL
);

-- Whether a decision's twin was looked for after it stood here; the release before does so at once.
ALTER TABLE twin_case
    ADD COLUMN sought   boolean NOT NULL DEFAULT true,
    -- Of a pair: when it was found, its round, and with which ticket and chance it took part.
    ADD COLUMN found_at timestamptz,
    ADD COLUMN round    bigint,
    ADD COLUMN ticket   text COLLATE "C",
    ADD COLUMN chance   numeric,
    ADD CONSTRAINT twin_case_round FOREIGN KEY (round) REFERENCES twin_round (number) NOT VALID;
GRANT SELECT (round, ticket, chance) ON twin_case TO gleichfall_workbench;
GRANT SELECT ON twin_round TO gleichfall_workbench;
