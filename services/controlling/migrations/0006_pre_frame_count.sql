-- How many decisions a unit made in a week, by the count of somebody else: intake, a source system.
CREATE TABLE frame_count (
    counted_by text    NOT NULL,
    unit       text    NOT NULL,
    week       text    NOT NULL,
    decisions  integer NOT NULL,
    PRIMARY KEY (counted_by, unit, week)
);
