-- Every unit that an organisation file in use has ever had: none may vanish without a successor.
CREATE TABLE known_unit (
    key   text        PRIMARY KEY,
    since timestamptz NOT NULL DEFAULT now()
);
