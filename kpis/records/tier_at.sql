-- The tier of each use case at the moment; the hash is that of its material facts.
SELECT DISTINCT ON (use_case_id) use_case_id, tier, ceiling, policy_id, facts_hash
FROM tiering WHERE at < %(as_of)s
ORDER BY use_case_id, at DESC, id DESC
