-- What ended a submission, as who tells it has signed it, and when: § 9(1) OZG wants the authority to
-- prove that and when something was in a mailbox. It names nobody.
ALTER TABLE submission
    ADD COLUMN told_at timestamptz,
    ADD COLUMN proof   text;
