-- Hours from detection to mitigation, in the month of the mitigation; near misses left out.
SELECT '' AS series, incident.unit_id, affected.use_case_id, NULL::bigint AS vendor_id,
  extract(epoch FROM mitigated_at - detected_at) / 3600 AS num, 1 AS den,
  floor(extract(epoch FROM mitigated_at - detected_at) / 3600) AS day, 1 AS known,
  'incident ' || incident.ref AS record
FROM incident
JOIN LATERAL (
  SELECT min(use_case_id) AS use_case_id FROM incident_use_case WHERE incident_id = incident.id
) AS affected ON true
WHERE NOT incident.near_miss AND incident.mitigated_at >= %(start)s AND incident.mitigated_at < %(as_of)s
