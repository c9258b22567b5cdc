-- What somebody has to do, the nearest first: the list and its counts don't read what they signed in years. Reviews
-- are few beside decisions: the index is built at once.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX review_open_by_account ON review (account, due, id)
    WHERE state IN ('assigned', 'taken', 'in_review');
