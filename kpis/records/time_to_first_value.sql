-- Days from the first approval of a use case to the first statement of a measured benefit, in that statement's month.
SELECT '' AS series, use_case.unit_id, use_case.id AS use_case_id, NULL::bigint AS vendor_id,
  greatest(0, first.measured_at::date - approved.at::date) AS num, 1 AS den,
  greatest(0, first.measured_at::date - approved.at::date) AS day, 1 AS known, NULL AS record
FROM (
  SELECT subject_id::bigint AS use_case_id, min(occurred_at) AS measured_at
  FROM audit_event
  WHERE subject_type = 'portfolio.usecase' AND action = 'use_case.benefit_stated'
    AND payload::jsonb->'after'->>'state' IN ('measured', 'verified')
  GROUP BY subject_id
) AS first
JOIN use_case ON use_case.id = first.use_case_id AND use_case.voided_at IS NULL
JOIN LATERAL (SELECT min(granted_at) AS at FROM approval WHERE approval.use_case_id = use_case.id) AS approved
  ON approved.at IS NOT NULL
WHERE first.measured_at >= %(start)s AND first.measured_at < %(as_of)s
