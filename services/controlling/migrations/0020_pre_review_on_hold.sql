-- Until when a review rests, and why; from the day after it goes on by itself.
ALTER TABLE review ADD COLUMN on_hold_until date, ADD COLUMN hold_reason text;

-- How long the last reviews of a group took. Nobody has signed many yet: the index is built at once.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX review_signed ON review (decision_group, signed_at DESC)
    WHERE state IN ('signed', 'closed') AND round < 3;
