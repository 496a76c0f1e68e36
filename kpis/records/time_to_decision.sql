-- Business days from the opening of a review to its decision, less those that it lay with its team, in the month of
-- the decision.
SELECT '' AS series, use_case.unit_id, use_case.id AS use_case_id, NULL::bigint AS vendor_id,
  clock.days AS num, 1 AS den, clock.days AS day, 1 AS known, 'review ' || review.ref AS record
FROM decision
JOIN review ON review.id = decision.review_id
JOIN use_case ON use_case.id = review.use_case_id AND use_case.voided_at IS NULL
JOIN LATERAL (
  SELECT greatest(0, count(*)::int - review.waited_days) AS days
  FROM generate_series(review.opened_at::date + 1, decision.decided_at::date, interval '1 day') AS day
  WHERE extract(isodow FROM day) < 6 AND NOT day::date = ANY(%(holidays)s::date[])
) AS clock ON true
WHERE decision.decided_at >= %(start)s AND decision.decided_at < %(as_of)s
