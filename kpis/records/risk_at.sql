-- The residual risk of each open risk at the moment, from the audit trail.
SELECT use_case_id, risk, residual
FROM (
  SELECT DISTINCT ON (subject_id, payload::jsonb->>'risk') subject_id::bigint AS use_case_id, action,
    payload::jsonb->>'risk' AS risk, (payload::jsonb->>'residual')::int AS residual
  FROM audit_event
  WHERE subject_type = 'portfolio.usecase' AND action IN ('risk.recorded', 'risk.assessed', 'risk.closed')
    AND occurred_at < %(as_of)s
  ORDER BY subject_id, payload::jsonb->>'risk', occurred_at DESC, id DESC
) AS latest
WHERE action <> 'risk.closed'
