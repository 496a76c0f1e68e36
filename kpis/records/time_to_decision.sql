-- Business days, by the calendar of the unit, from the opening of a review to its decision, less those that it lay
-- with its team, in the month of the decision.
SELECT '' AS series, use_case.unit_id, use_case.id AS use_case_id, NULL::bigint AS vendor_id,
  clock.days AS num, 1 AS den, clock.days AS day, 1 AS known, 'review ' || review.ref AS record
FROM decision
JOIN review ON review.id = decision.review_id
JOIN use_case ON use_case.id = review.use_case_id AND use_case.voided_at IS NULL
CROSS JOIN LATERAL (
  SELECT greatest(0, business_days_between(use_case.unit_id, review.opened_at::date, decision.decided_at::date,
    %(holidays)s::date[]) - review.waited_days) AS days
) AS clock
WHERE decision.decided_at >= %(start)s AND decision.decided_at < %(as_of)s
