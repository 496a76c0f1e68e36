-- Vendors with a product: those with a contract in force, a valid assessment, and no critical finding left open in the
-- latest one. A vendor counts once for each organisation that relies on it, else for the first.
SELECT '' AS series, root.unit_id, NULL::bigint AS use_case_id, vendor.id AS vendor_id,
  (assessed.yes IS NOT NULL AND contracted.yes IS NOT NULL)::int AS num, 1 AS den, NULL::int AS day, 1 AS known,
  NULL AS record
FROM vendor
JOIN LATERAL (
  SELECT DISTINCT split_part(org_unit.path, '.', 1)::bigint AS unit_id
  FROM product
  JOIN system_product ON system_product.product_id = product.id
  JOIN system_use ON system_use.ai_system_id = system_product.ai_system_id
  JOIN use_case ON use_case.id = system_use.use_case_id AND use_case.voided_at IS NULL
  JOIN org_unit ON org_unit.id = use_case.unit_id
  WHERE product.vendor_id = vendor.id
  UNION
  SELECT min(id) FROM org_unit
  WHERE parent_id IS NULL AND NOT EXISTS (
    SELECT FROM product JOIN system_product ON system_product.product_id = product.id
    WHERE product.vendor_id = vendor.id)
) AS root ON root.unit_id IS NOT NULL
LEFT JOIN LATERAL (
  SELECT 1 AS yes FROM (
    SELECT DISTINCT ON (kind) valid_until, result, open_critical FROM assessment
    WHERE assessment.vendor_id = vendor.id AND performed_on < %(as_of)s::date
    ORDER BY kind, performed_on DESC, id DESC
  ) AS latest
  HAVING bool_or(result <> 'failed' AND valid_until >= (%(as_of)s - interval '1 microsecond')::date)
    AND max(open_critical) = 0
) AS assessed ON true
LEFT JOIN LATERAL (
  SELECT 1 AS yes FROM contract
  WHERE contract.vendor_id = vendor.id AND starts_on < %(as_of)s::date
    AND ends_on >= (%(as_of)s - interval '1 microsecond')::date
  LIMIT 1
) AS contracted ON true
WHERE EXISTS (SELECT FROM product WHERE product.vendor_id = vendor.id)
  AND (vendor.retired_at IS NULL OR vendor.retired_at >= %(as_of)s)
