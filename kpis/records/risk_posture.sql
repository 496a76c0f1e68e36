-- The greatest residual risk of each use case in pilot or production that has a risk register.
SELECT '' AS series, stage_at.unit_id, stage_at.use_case_id, NULL::bigint AS vendor_id, worst.residual AS num, 1 AS den,
  NULL::int AS day, 1 AS known, NULL AS record
FROM stage_at
JOIN LATERAL (
  SELECT max(residual) AS residual FROM risk_at WHERE risk_at.use_case_id = stage_at.use_case_id
) AS worst ON worst.residual IS NOT NULL
WHERE stage_at.stage IN ('pilot', 'production')
