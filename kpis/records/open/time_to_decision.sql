-- Reviews without a decision: business days since they were opened, less those that they lay with their team.
SELECT use_case.unit_id, use_case.id AS use_case_id, clock.days AS age, 'review ' || review.ref AS record
FROM review
JOIN use_case ON use_case.id = review.use_case_id AND use_case.voided_at IS NULL
JOIN LATERAL (
  SELECT greatest(0, count(*)::int - review.waited_days) AS days
  FROM generate_series(review.opened_at::date + 1, %(as_of)s::date, interval '1 day') AS day
  WHERE extract(isodow FROM day) < 6 AND NOT day::date = ANY(%(holidays)s::date[])
) AS clock ON true
WHERE review.opened_at < %(as_of)s AND (review.closed_at IS NULL OR review.closed_at >= %(as_of)s)
