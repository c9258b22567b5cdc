-- Of which period a review's decision is: by it figures know whether anything of theirs has changed.
ALTER TABLE review ADD COLUMN period text;
UPDATE review SET period = decision.period FROM decision
WHERE decision.decision_id = review.decision_id;

-- Whether signed reviews showed how the sample came out; else somebody entered it.
ALTER TABLE lot_result ADD COLUMN counted boolean NOT NULL DEFAULT false;
