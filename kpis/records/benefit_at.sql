-- Each benefit as it was last stated before the moment. The audit trail keeps every statement; the table only the last.
SELECT latest.use_case_id, latest.metric, after->>'state' AS state, (after->>'baseline')::numeric AS baseline,
  (after->>'target')::numeric AS target, (after->>'value')::numeric AS value, (after->>'worth')::numeric AS worth,
  after->>'currency' AS currency, after->>'period' AS period, latest.occurred_at
FROM (
  SELECT DISTINCT ON (subject_id, payload::jsonb->>'benefit') subject_id::bigint AS use_case_id, action, occurred_at,
    payload::jsonb->>'benefit' AS metric, payload::jsonb->'after' AS after
  FROM audit_event
  WHERE subject_type = 'portfolio.usecase' AND action IN ('use_case.benefit_stated', 'use_case.benefit_removed')
    AND occurred_at < %(as_of)s
  ORDER BY subject_id, payload::jsonb->>'benefit', occurred_at DESC, id DESC
) AS latest
WHERE latest.action = 'use_case.benefit_stated'
