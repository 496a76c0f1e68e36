-- Use cases with an approval, of which no benefit has been measured yet, nor were they retired: since the approval.
SELECT use_case.unit_id, use_case.id AS use_case_id, %(as_of)s::date - approved.at::date AS age, NULL AS record
FROM use_case
JOIN LATERAL (SELECT min(granted_at) AS at FROM approval WHERE approval.use_case_id = use_case.id) AS approved
  ON approved.at < %(as_of)s
WHERE use_case.voided_at IS NULL
  AND NOT EXISTS (
    SELECT FROM stage_move
    WHERE use_case_id = use_case.id AND after = 'retired' AND moved_at < %(as_of)s)
  AND NOT EXISTS (
    SELECT FROM audit_event
    WHERE subject_type = 'portfolio.usecase' AND subject_id = use_case.id::text
      AND action = 'use_case.benefit_stated' AND payload::jsonb->'after'->>'state' IN ('measured', 'verified')
      AND occurred_at < %(as_of)s)
