-- The state of each control of each use case at the moment, from the audit trail, which writes a control as people read
-- it: its identifier, a space, its title.
SELECT DISTINCT ON (subject_id, control) subject_id::bigint AS use_case_id,
  split_part(payload::jsonb->>'control', ' ', 1) AS control,
  replace(lower(payload::jsonb->>'after'), ' ', '_') AS state
FROM audit_event
WHERE subject_type = 'portfolio.usecase' AND action = 'control.set' AND occurred_at < %(as_of)s
ORDER BY subject_id, control, occurred_at DESC, id DESC
