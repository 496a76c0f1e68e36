-- Controls that the tier requires by the stage reached; those required under a condition count once they have a state.
-- Met needs evidence that is valid on the day; an exception in force counts as met; what is agreed not to apply is out.
SELECT '' AS series, stage_at.unit_id, stage_at.use_case_id, NULL::bigint AS vendor_id,
  (excused.yes IS NOT NULL OR (control_at.state = 'met' AND proven.yes IS NOT NULL))::int AS num, 1 AS den,
  NULL::int AS day, 1 AS known
FROM stage_at
JOIN tier_at USING (use_case_id)
JOIN policy_version ON policy_version.id = tier_at.policy_id
CROSS JOIN LATERAL jsonb_array_elements(policy_version.document->'controls') AS of_policy(spec)
LEFT JOIN control_at
  ON control_at.use_case_id = stage_at.use_case_id AND control_at.control = spec->>'id'
LEFT JOIN LATERAL (
  SELECT 1 AS yes FROM exception
  WHERE exception.use_case_id = stage_at.use_case_id AND exception.control = spec->>'id'
    AND exception.granted_at < %(as_of)s AND exception.expires_on >= (%(as_of)s - interval '1 microsecond')::date
    AND (exception.ended_at IS NULL OR exception.ended_at >= %(as_of)s)
  LIMIT 1
) AS excused ON true
LEFT JOIN LATERAL (
  SELECT 1 AS yes FROM control_state
  JOIN evidence_use ON evidence_use.control_state_id = control_state.id
  JOIN evidence ON evidence.id = evidence_use.evidence_id
  WHERE control_state.use_case_id = stage_at.use_case_id AND control_state.control = spec->>'id'
    AND evidence.recorded_at < %(as_of)s
    AND (evidence.valid_until IS NULL OR evidence.valid_until >= (%(as_of)s - interval '1 microsecond')::date)
    AND (evidence.withdrawn_at IS NULL OR evidence.withdrawn_at >= %(as_of)s)
  LIMIT 1
) AS proven ON true
WHERE stage_at.stage IN ('pilot', 'production') AND control_at.state IS DISTINCT FROM 'not_applicable'
  AND EXISTS (
    SELECT FROM jsonb_array_elements(spec->'required') AS required
    WHERE (required->>'from_tier')::int <= tier_at.tier
      AND array_position(ARRAY['idea', 'experiment', 'pilot', 'production'], required->>'by')
        <= array_position(ARRAY['idea', 'experiment', 'pilot', 'production'], stage_at.stage::text)
      AND (coalesce(required->'when', 'null') = 'null' OR control_at.state IS NOT NULL))
