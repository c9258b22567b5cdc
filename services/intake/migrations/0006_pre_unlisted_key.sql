-- Keys in events that neither the organisation file nor the catalogue lists, let in because their
-- source may bring its own: work for operators.
CREATE TABLE unlisted_key (
    source   text COLLATE "C" NOT NULL,
    field    text COLLATE "C" NOT NULL,
    key      text COLLATE "C" NOT NULL,
    first_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (source, field, key)
);
