-- What whoever assigns may see: of two blind reviews of a decision one at a time. The second one is
-- there once the first is signed; whoever asks for their next review may get it before.
CREATE VIEW board_review AS
SELECT * FROM review
WHERE round <> 2 OR NOT EXISTS (
    SELECT FROM review AS first
    WHERE first.decision_id = review.decision_id AND first.round = 1
      AND first.state NOT IN ('signed', 'closed'));
GRANT SELECT ON board_review TO gleichfall_workbench;
