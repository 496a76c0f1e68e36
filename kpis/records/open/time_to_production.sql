-- Use cases that are registered and have not been in production yet, nor were retired before: since their registration.
SELECT use_case.unit_id, use_case.id AS use_case_id, %(as_of)s::date - use_case.registered_at::date AS age,
  NULL AS record
FROM use_case
WHERE voided_at IS NULL AND source = 'intake' AND registered_at < %(as_of)s
  AND NOT EXISTS (
    SELECT FROM stage_move
    WHERE use_case_id = use_case.id AND after IN ('production', 'retired') AND moved_at < %(as_of)s)
