-- Days from registration to the first move to production, in the month of that move.
SELECT '' AS series, use_case.unit_id, use_case.id AS use_case_id, NULL::bigint AS vendor_id,
  first.days AS num, 1 AS den, first.days AS day, 1 AS known, NULL AS record
FROM use_case
JOIN LATERAL (
  SELECT moved_at, greatest(0, moved_at::date - use_case.registered_at::date) AS days
  FROM stage_move WHERE use_case_id = use_case.id AND after = 'production'
  ORDER BY moved_at, id LIMIT 1
) AS first ON true
WHERE use_case.voided_at IS NULL AND use_case.source = 'intake'
  AND first.moved_at >= %(start)s AND first.moved_at < %(as_of)s
