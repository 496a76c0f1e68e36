-- Reviews without a decision: business days, by the calendar of the unit, since they were opened, less those that they
-- lay with their team.
SELECT use_case.unit_id, use_case.id AS use_case_id, clock.days AS age, 'review ' || review.ref AS record
FROM review
JOIN use_case ON use_case.id = review.use_case_id AND use_case.voided_at IS NULL
CROSS JOIN LATERAL (
  SELECT greatest(0, business_days_between(use_case.unit_id, review.opened_at::date, %(as_of)s::date,
    %(holidays)s::date[]) - review.waited_days) AS days
) AS clock
WHERE review.opened_at < %(as_of)s AND (review.closed_at IS NULL OR review.closed_at >= %(as_of)s)
