-- Use cases in production whose tier is, or could still be, 3 or above: those with an approval in force. An approval
-- counts neither while suspended nor once the material facts are no longer those that were decided on.
SELECT '' AS series, stage_at.unit_id, stage_at.use_case_id, NULL::bigint AS vendor_id,
  coalesce(approved.yes, 0) AS num, 1 AS den, NULL::int AS day,
  coalesce(tier_at.ceiling = tier_at.tier, false)::int AS known, NULL AS record
FROM stage_at
LEFT JOIN tier_at USING (use_case_id)
LEFT JOIN LATERAL (
  SELECT 1 AS yes FROM approval
  WHERE approval.use_case_id = stage_at.use_case_id AND approval.up_to_stage = 'production'
    AND approval.granted_at < %(as_of)s AND (approval.ended_at IS NULL OR approval.ended_at >= %(as_of)s)
    AND approval.valid_until >= (%(as_of)s - interval '1 microsecond')::date
    AND approval.material_hash = tier_at.facts_hash
    AND NOT EXISTS (
      SELECT FROM suspension
      WHERE suspension.approval_id = approval.decision_id AND suspension.suspended_at < %(as_of)s
        AND (suspension.restored_at IS NULL OR suspension.restored_at >= %(as_of)s))
  LIMIT 1
) AS approved ON true
WHERE stage_at.stage = 'production' AND coalesce(tier_at.ceiling, 5) >= 3
