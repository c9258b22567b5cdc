-- What the reviews of a closed period had found when figures of it were released, an edition each.
-- Figures are made of an edition and of nothing else: so no signature shows by what changes.
CREATE TABLE released_review (
    period      text        NOT NULL REFERENCES period (key),
    edition     integer     NOT NULL,
    released_at timestamptz NOT NULL DEFAULT now(),
    reviews     jsonb       NOT NULL,
    PRIMARY KEY (period, edition)
);

-- Figures as they were told, of which editions and what was asked: they are told again as they were,
-- and others of the same decisions are held against them.
CREATE TABLE released_figure (
    number   bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    periods  text[]      NOT NULL,
    editions jsonb       NOT NULL,
    asked    jsonb       NOT NULL,
    figures  jsonb       NOT NULL,
    told_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX released_figure_by_period ON released_figure USING gin (periods);

GRANT SELECT, INSERT ON released_review, released_figure TO gleichfall_workbench;
