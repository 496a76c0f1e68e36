-- What each use case cost and brought in the month. The main series counts benefits that Finance verified, at their
-- measured value; the series "claimed" counts all of them, at the target while nothing is measured. Cost is that of the
-- cost files, with what nobody owns, and of the cost lines; lines for models and tokens count where no file does.
SELECT worth.series, each.unit_id, each.use_case_id, NULL::bigint AS vendor_id,
  coalesce(gain.amount, 0) AS num, coalesce(lines.amount, 0) + coalesce(each.amount, 0) AS den, NULL::int AS day,
  1 AS known, NULL AS record
FROM (
  SELECT unit_id, id AS use_case_id, coalesce(billed.amount, 0) AS amount, billed.amount IS NOT NULL AS is_billed
  FROM use_case
  LEFT JOIN (
    SELECT use_case_id, sum(amount) AS amount FROM sums
    WHERE measure = %(effective_cost)s
    GROUP BY use_case_id
  ) AS billed ON billed.use_case_id = use_case.id
  WHERE voided_at IS NULL
  UNION ALL
  SELECT unit_id, NULL, sum(amount), true FROM sums
  WHERE use_case_id IS NULL AND measure = %(effective_cost)s
  GROUP BY unit_id
) AS each
CROSS JOIN (VALUES (''), ('claimed')) AS worth(series)
LEFT JOIN LATERAL (
  SELECT sum(amount) AS amount FROM cost_line
  WHERE cost_line.use_case_id = each.use_case_id AND cost_line.kind = 'actual' AND cost_line.voided_at IS NULL
    AND cost_line.month = %(month)s AND NOT (each.is_billed AND cost_line.category = 'models')
) AS lines ON true
LEFT JOIN LATERAL (
  SELECT sum(
    benefit_at.worth
    * CASE WHEN benefit_at.baseline IS NULL THEN reached.level  -- stated as the improvement itself
      WHEN benefit.lower_is_better THEN benefit_at.baseline - reached.level
      ELSE reached.level - benefit_at.baseline END
    / CASE benefit_at.period WHEN 'quarter' THEN 3 WHEN 'year' THEN 12 ELSE 1 END) AS amount
  FROM benefit_at
  JOIN benefit ON benefit.use_case_id = benefit_at.use_case_id AND benefit.metric = benefit_at.metric
    AND benefit.voided_at IS NULL
  CROSS JOIN LATERAL (
    SELECT CASE WHEN worth.series = '' THEN benefit_at.value ELSE coalesce(benefit_at.value, benefit_at.target) END
  ) AS reached(level)
  WHERE benefit_at.use_case_id = each.use_case_id AND (worth.series = 'claimed' OR benefit_at.state = 'verified')
    AND CASE WHEN benefit_at.period = 'once' THEN date_trunc('month', benefit.starts_on)::date = %(month)s
      ELSE benefit.starts_on <= %(last)s END
) AS gain ON true
WHERE lines.amount IS NOT NULL OR gain.amount IS NOT NULL OR (each.is_billed AND each.amount <> 0)
