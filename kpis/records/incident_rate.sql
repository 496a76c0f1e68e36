-- Incidents of severity 1 to 3 in the month in which they occurred, each counted once, against the use cases in pilot
-- or production.
SELECT '' AS series, incident.unit_id, affected.use_case_id, NULL::bigint AS vendor_id, 1 AS num, 0 AS den,
  NULL::int AS day, NULL::int AS known, 'incident ' || incident.ref AS record
FROM incident
JOIN LATERAL (
  SELECT min(use_case_id) AS use_case_id FROM incident_use_case WHERE incident_id = incident.id
) AS affected ON true
WHERE incident.severity <= 3 AND NOT incident.near_miss
  AND incident.occurred_at >= %(start)s AND incident.occurred_at < %(as_of)s
UNION ALL
SELECT '', unit_id, use_case_id, NULL, 0, 1, NULL, NULL, NULL FROM stage_at WHERE stage IN ('pilot', 'production')
