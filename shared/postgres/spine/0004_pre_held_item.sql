-- What a loop set aside because it failed for a reason that doesn't pass: one row per loop and item,
-- for ever, with what became of it. An item is named by its key; no value of it is kept.
CREATE TABLE held_item (
    id              uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    loop            text        NOT NULL,
    item            text        NOT NULL,
    reason          text        NOT NULL,
    attempts        integer     NOT NULL DEFAULT 1,
    first_failed_at timestamptz NOT NULL DEFAULT now(),
    last_failed_at  timestamptz NOT NULL DEFAULT now(),
    state           text        NOT NULL DEFAULT 'held'
        CHECK (state IN ('held', 'retrying', 'done', 'dismissed')),
    settled_at      timestamptz,
    settled_by      text,
    settled_because text,
    UNIQUE (loop, item),
    CHECK (state = 'held' OR settled_at IS NOT NULL),
    CHECK (num_nulls(settled_at, settled_by, settled_because) IN (0, 3))
);
