-- How a case stands for its applicant: what it asks of them and until when, and their appointments, as
-- JSON. A case of which nothing matters has no row. What came before this release isn't known.
CREATE TABLE case_standing (
    case_ref   text        COLLATE "C" PRIMARY KEY,
    standing   jsonb       NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 90);
