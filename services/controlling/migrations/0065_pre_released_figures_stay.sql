-- What was released and told is never changed, not by the service either.
REVOKE UPDATE, DELETE ON released_review, released_figure FROM gleichfall_controlling;
