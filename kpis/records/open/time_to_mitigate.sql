-- Incidents that were detected and are not mitigated yet: hours since then; near misses left out.
SELECT incident.unit_id, affected.use_case_id, extract(epoch FROM %(as_of)s - detected_at) / 3600 AS age,
  'incident ' || incident.ref AS record
FROM incident
JOIN LATERAL (
  SELECT min(use_case_id) AS use_case_id FROM incident_use_case WHERE incident_id = incident.id
) AS affected ON true
WHERE NOT incident.near_miss AND detected_at < %(as_of)s AND (mitigated_at IS NULL OR mitigated_at >= %(as_of)s)
