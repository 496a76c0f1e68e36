-- The state of each control of each use case at the moment, from the audit trail.
SELECT DISTINCT ON (subject_id, payload::jsonb->>'control') subject_id::bigint AS use_case_id,
  payload::jsonb->>'control' AS control, replace(lower(payload::jsonb->>'after'), ' ', '_') AS state
FROM audit_event
WHERE subject_type = 'portfolio.usecase' AND action = 'control.set' AND occurred_at < %(as_of)s
ORDER BY subject_id, payload::jsonb->>'control', occurred_at DESC, id DESC
