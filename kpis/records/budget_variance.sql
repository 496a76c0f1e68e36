-- Effective cost of the month against its budget. A month without any cost delivered has no variance: missing is not 0.
SELECT '' AS series, unit_id, use_case_id, vendor_id, sum(amount) AS num, 0 AS den, NULL::int AS day,
  NULL::int AS known, NULL AS record
FROM sums
WHERE measure = %(effective_cost)s
GROUP BY unit_id, use_case_id, vendor_id
UNION ALL
SELECT '', unit_id, use_case_id, vendor_id, 0, sum(planned), NULL, NULL, NULL
FROM budget_line
WHERE month = %(month)s AND EXISTS (
  SELECT FROM sums WHERE measure = %(effective_cost)s)
GROUP BY unit_id, use_case_id, vendor_id
