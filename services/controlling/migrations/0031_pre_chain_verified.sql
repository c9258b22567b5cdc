-- The page of the log says until where its chain was followed last.
-- Few entries are of this kind: the index is built at once.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX audit_chain_verified ON audit (number) WHERE act = 'chain_verified';
