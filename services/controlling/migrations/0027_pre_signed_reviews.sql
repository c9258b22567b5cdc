-- What somebody has signed, by when: a page of it doesn't read what they signed in years. Reviews are
-- few beside decisions: the index is built at once.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX review_signed_by_account ON review (account, signed_at, id)
    WHERE state IN ('signed', 'closed');
