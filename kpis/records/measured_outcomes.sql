-- Use cases in pilot or production for 90 days or more: those with a benefit that has a baseline, a target and a
-- measured value. What a benefit was at the moment is read from the audit trail, which keeps each statement of it.
SELECT '' AS series, stage_at.unit_id, stage_at.use_case_id, NULL::bigint AS vendor_id,
  coalesce(measured.yes, 0) AS num, 1 AS den, NULL::int AS day, 1 AS known, NULL AS record
FROM stage_at
LEFT JOIN LATERAL (
  SELECT 1 AS yes FROM benefit_at
  WHERE benefit_at.use_case_id = stage_at.use_case_id AND benefit_at.state IN ('measured', 'verified')
    AND benefit_at.baseline IS NOT NULL AND benefit_at.target IS NOT NULL
  LIMIT 1
) AS measured ON true
WHERE stage_at.stage IN ('pilot', 'production') AND stage_at.running_since <= %(as_of)s - interval '90 days'
