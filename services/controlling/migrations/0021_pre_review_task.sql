-- Which reviews of like cases are one task: the case in their middle, which is the twin of the others.
-- None: a review is a task of its own. Who has what decides who has a task; nothing else is kept.
ALTER TABLE review ADD COLUMN task text;
-- No review has a task yet: the index is built at once.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX review_by_task ON review (task) WHERE task IS NOT NULL;

-- Whether somebody who knows some groups of decisions may be given a review.
CREATE FUNCTION may_be_given(review, uuid, text[]) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT (cardinality($3) = 0 OR $1.decision_group = ANY($3))
        AND NOT EXISTS (SELECT FROM review AS other
                        WHERE other.decision_id = $1.decision_id AND other.account = $2)
        AND may_review($1.decision_id, $2)
$$;
REVOKE ALL ON FUNCTION may_be_given(review, uuid, text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION may_be_given(review, uuid, text[])
    TO gleichfall_workbench, gleichfall_controlling;
