-- In which stage each use case was at the moment, and since when it has been in pilot or production without a break.
  SELECT use_case.id AS use_case_id, use_case.unit_id, latest.after AS stage, latest.moved_at AS since,
    (SELECT min(running.moved_at) FROM stage_move AS running
      WHERE running.use_case_id = use_case.id AND running.after IN ('pilot', 'production')
        AND running.moved_at < %(as_of)s
        AND running.moved_at > coalesce(
          (SELECT max(away.moved_at) FROM stage_move AS away
            WHERE away.use_case_id = use_case.id AND away.after NOT IN ('pilot', 'production')
              AND away.moved_at < %(as_of)s), '-infinity')) AS running_since
  FROM use_case
  JOIN LATERAL (
    SELECT after, moved_at FROM stage_move
    WHERE stage_move.use_case_id = use_case.id AND moved_at < %(as_of)s
    ORDER BY moved_at DESC, id DESC LIMIT 1
  ) AS latest ON true
  WHERE use_case.voided_at IS NULL
