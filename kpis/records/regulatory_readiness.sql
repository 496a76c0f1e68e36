-- Controls that the tier requires by the stage reached; those required under a condition count once they have a state.
-- Met needs evidence that is valid on the day; an exception in force counts as met; what is agreed not to apply is out.
-- Each set is made once: looked up for each control and use case, they took a hundred times as long.
WITH required AS MATERIALIZED (
  SELECT policy_version.id AS policy_id, spec->>'id' AS control, (ask->>'from_tier')::int AS from_tier,
    array_position(ARRAY['idea', 'experiment', 'pilot', 'production'], ask->>'by') AS by_stage,
    coalesce(ask->'when', 'null') <> 'null' AS conditional
  FROM policy_version
  CROSS JOIN LATERAL jsonb_array_elements(document->'controls') AS of_policy(spec)
  CROSS JOIN LATERAL jsonb_array_elements(spec->'required') AS of_control(ask)
), proven AS MATERIALIZED (
  SELECT DISTINCT control_state.use_case_id, control_state.control
  FROM control_state
  JOIN evidence_use ON evidence_use.control_state_id = control_state.id
  JOIN evidence ON evidence.id = evidence_use.evidence_id
  WHERE evidence.recorded_at < %(as_of)s
    AND (evidence.valid_until IS NULL OR evidence.valid_until >= (%(as_of)s - interval '1 microsecond')::date)
    AND (evidence.withdrawn_at IS NULL OR evidence.withdrawn_at >= %(as_of)s)
), excused AS MATERIALIZED (
  SELECT DISTINCT use_case_id, control FROM exception
  WHERE granted_at < %(as_of)s AND expires_on >= (%(as_of)s - interval '1 microsecond')::date
    AND (ended_at IS NULL OR ended_at >= %(as_of)s)
), asked AS MATERIALIZED (
  SELECT unit_id, use_case_id, control, bool_and(conditional) AS conditional
  FROM stage_at
  JOIN tier_at USING (use_case_id)
  JOIN required ON required.policy_id = tier_at.policy_id AND required.from_tier <= tier_at.tier
    AND required.by_stage <= array_position(ARRAY['idea', 'experiment', 'pilot', 'production'], stage_at.stage::text)
  WHERE stage_at.stage IN ('pilot', 'production')
  GROUP BY unit_id, use_case_id, control
)
SELECT '' AS series, asked.unit_id, asked.use_case_id, NULL::bigint AS vendor_id,
  (excused.control IS NOT NULL OR (control_at.state = 'met' AND proven.control IS NOT NULL))::int AS num, 1 AS den,
  NULL::int AS day, 1 AS known, 'control ' || asked.control AS record
FROM asked
LEFT JOIN control_at ON control_at.use_case_id = asked.use_case_id AND control_at.control = asked.control
LEFT JOIN proven ON proven.use_case_id = asked.use_case_id AND proven.control = asked.control
LEFT JOIN excused ON excused.use_case_id = asked.use_case_id AND excused.control = asked.control
WHERE control_at.state IS DISTINCT FROM 'not_applicable' AND NOT (asked.conditional AND control_at.state IS NULL)
