-- Suites whose golden set is another one than that of the run before, in the month of the first run on the new set: what
-- was measured before belongs to another series.
SELECT 'new_set' AS series, unit_id, use_case_id, NULL::bigint AS vendor_id, count(DISTINCT (feed_id, suite)) AS num,
  0 AS den, NULL::int AS day, NULL::int AS known, NULL AS record
FROM (
  SELECT run.*, lag(digest) OVER (
    PARTITION BY run.feed_id, measure, unit_id, use_case_id, suite ORDER BY observed_at, run.id
  ) AS digest_before
  FROM pinned_run AS run
  JOIN feed_batch ON feed_batch.id = run.batch_id AND feed_batch.state = 'loaded'
  WHERE measure = %(golden_set)s AND observed_at < %(end)s
) AS run
WHERE observed_at >= %(start)s AND digest <> digest_before
GROUP BY unit_id, use_case_id
