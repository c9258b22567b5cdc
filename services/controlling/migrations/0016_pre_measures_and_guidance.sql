-- By which paragraphs questions and changes of law find an article; and its text in English.
ALTER TABLE guidance
    ADD COLUMN paragraphs text[] NOT NULL DEFAULT '{}',
    ADD COLUMN title_en text NOT NULL DEFAULT '',
    ADD COLUMN body_en text NOT NULL DEFAULT '',
    ADD COLUMN example_en text NOT NULL DEFAULT '';

-- Why a measure was given up.
ALTER TABLE measure ADD COLUMN reason text NOT NULL DEFAULT '';
