"""One statement that computes families of KPIs for a month and writes what changed.

It reads *facts*: rows of (kpi, series, unit_id, use_case_id, vendor_id, num, den, n, inputs, day, known, apart), made
of observations or of the portal's own records (records/<kpi>.sql), and adds them up per unit, per use case and per
vendor; those set apart are in no sum of their unit. `day` is a whole number of days for KPIs whose value is a
percentile; `known` is 0 for a record that counts although something about it is unknown, and makes the coverage.
"""

from functools import lru_cache
from pathlib import Path

from kpis import buckets
from kpis.catalogue import Kpi

RECORDS = Path(__file__).with_name("records")

_OBSERVATIONS = """
  SELECT term.kpi, term.series, sums.unit_id, sums.use_case_id, sums.vendor_id,
    CASE term.num_of WHEN 'num' THEN sums.num WHEN 'den' THEN sums.den WHEN 'n' THEN sums.n
      WHEN 'amount' THEN sums.amount ELSE 0 END AS num,
    CASE term.den_of WHEN 'num' THEN sums.num WHEN 'den' THEN sums.den WHEN 'n' THEN sums.n
      WHEN 'amount' THEN sums.amount ELSE 0 END AS den,
    CASE WHEN term.counts THEN sums.n ELSE 0 END AS n, sums.inputs, NULL::int AS day, NULL::int AS known,
    term.apart AND sums.use_case_id IS NOT NULL AS apart
  FROM sums
  JOIN unnest(%(term_kpi)s::text[], %(term_series)s::text[], %(term_measure)s::int[], %(term_num)s::text[],
      %(term_den)s::text[], %(term_counts)s::bool[], %(term_apart)s::bool[])
    AS term(kpi, series, measure, num_of, den_of, counts, apart) USING (measure)
"""

# One pass over the partition of the month; what follows works on a few thousand sums.
_SUMS = """sums AS (
  SELECT measure, unit_id, use_case_id, vendor_id, sum(num)::numeric AS num, sum(den)::numeric AS den,
    sum(n) AS n, sum(amount) AS amount, count(*) AS inputs
  FROM observation
  WHERE observed_at >= %(start)s AND observed_at < %(end)s AND measure = ANY(%(measures)s)
  GROUP BY measure, unit_id, use_case_id, vendor_id{later}
)"""
# Where something was counted again within the month only the last count stands: of stocks that add up file by file, and
# of what was graded on a set of questions that changed. Asked only in months that have any, for it is another pass.
_LATER = """
  UNION ALL
  SELECT measure, unit_id, use_case_id, vendor_id, sum(num)::numeric, sum(den)::numeric, sum(n), sum(amount), count(*)
  FROM (
    SELECT DISTINCT ON (feed_id, natural_key) *
    FROM observation
    WHERE observed_at >= %(start)s AND observed_at < %(end)s AND measure = ANY(%(stocks)s)
    ORDER BY feed_id, natural_key, observed_at DESC
  ) AS stock
  GROUP BY measure, unit_id, use_case_id, vendor_id
  UNION ALL
  SELECT measure, unit_id, use_case_id, vendor_id, sum(num)::numeric, sum(den)::numeric, sum(n), sum(amount), count(*)
  FROM observation AS graded
  WHERE observed_at >= %(start)s AND observed_at < %(end)s AND measure = ANY(%(pinned)s) AND NOT EXISTS (
    SELECT FROM pinned_run AS run
    JOIN pinned_run AS later ON (later.feed_id, later.measure, later.unit_id, later.suite)
      = (run.feed_id, run.measure, run.unit_id, run.suite) AND later.use_case_id IS NOT DISTINCT FROM run.use_case_id
      AND later.digest <> run.digest AND later.observed_at > run.observed_at AND later.observed_at < %(end)s
    JOIN feed_batch ON feed_batch.id = later.batch_id AND feed_batch.state = 'loaded'
    WHERE (run.batch_id, run.natural_key, run.observed_at)
      = (graded.batch_id, graded.natural_key, graded.observed_at)
  )
  GROUP BY measure, unit_id, use_case_id, vendor_id"""

# Buckets add up one by one: as many sums as there are buckets is several times quicker than unnesting them.
_BUCKETS = "ARRAY[" + ", ".join(f"coalesce(sum(hist[{n}]), 0)" for n in range(1, buckets.COUNT + 1)) + "]::bigint[]"
_TIMED = f"""timed AS (
  SELECT measure, unit_id, use_case_id, vendor_id, {_BUCKETS} AS hist
  FROM observation
  WHERE observed_at >= %(start)s AND observed_at < %(end)s AND measure = ANY(%(timed)s) AND hist IS NOT NULL
  GROUP BY measure, unit_id, use_case_id, vendor_id
), added AS (
  SELECT term.kpi, term.series, unit_id,
    CASE WHEN grouping(use_case_id) = 0 THEN use_case_id END AS use_case_id,
    CASE WHEN grouping(vendor_id) = 0 THEN vendor_id END AS vendor_id, {_BUCKETS} AS hist
  FROM timed
  JOIN unnest(%(timed_kpi)s::text[], %(timed_series)s::text[], %(timed)s::int[]) AS term(kpi, series, measure)
    USING (measure)
  GROUP BY GROUPING SETS ((kpi, series, unit_id), (kpi, series, unit_id, use_case_id),
    (kpi, series, unit_id, vendor_id))
  HAVING NOT (grouping(use_case_id) = 0 AND use_case_id IS NULL) AND NOT (grouping(vendor_id) = 0 AND vendor_id IS NULL)
)"""  # noqa: S608 (numbers only)
_ADDED = """LEFT JOIN added ON added.kpi = parts.kpi AND added.series = parts.series AND added.unit_id = parts.unit_id
    AND coalesce(added.use_case_id, 0) = coalesce(parts.use_case_id, 0)
    AND coalesce(added.vendor_id, 0) = coalesce(parts.vendor_id, 0)"""

_HIST = "coalesce(CASE WHEN days IS NOT NULL THEN day_counts(days) END"
_WRITE = """
version AS (
  SELECT * FROM unnest(%(kpi)s::text[], %(number)s::int[], %(provisional)s::bool[], %(family)s::text[],
    %(cause)s::text[], %(batch)s::bigint[]) AS version(kpi, number, provisional, family, cause, batch)
), parts AS (
  SELECT kpi, series, unit_id,
    CASE WHEN grouping(use_case_id) = 0 THEN use_case_id END AS use_case_id,
    CASE WHEN grouping(vendor_id) = 0 THEN vendor_id END AS vendor_id,
    round(coalesce(sum(num), 0), 6) AS num, round(coalesce(sum(den), 0), 6) AS den, coalesce(sum(n), 0)::bigint AS n,
    sum(inputs)::bigint AS inputs,
    coalesce(sum(known), count(DISTINCT use_case_id))::int AS covered,
    CASE WHEN count(known) = 0 THEN count(DISTINCT use_case_id) ELSE count(known) END::int AS expected,
    array_agg(least(day, 1500)) FILTER (WHERE day IS NOT NULL) AS days
  FROM facts
  WHERE NOT apart
  GROUP BY GROUPING SETS ((kpi, series, unit_id), (kpi, series, unit_id, use_case_id),
    (kpi, series, unit_id, vendor_id))
  HAVING NOT (grouping(use_case_id) = 0 AND use_case_id IS NULL) AND NOT (grouping(vendor_id) = 0 AND vendor_id IS NULL)
  UNION ALL  -- people of a use case: they are in no sum of its unit, for they may use another one, too
  SELECT kpi, series, unit_id, use_case_id, NULL, round(coalesce(sum(num), 0), 6), round(coalesce(sum(den), 0), 6),
    coalesce(sum(n), 0)::bigint, sum(inputs)::bigint, 1, 1, NULL
  FROM facts
  WHERE apart
  GROUP BY kpi, series, unit_id, use_case_id
), fresh AS (
  SELECT parts.*, {hist} AS hist, version.number, version.provisional
  FROM parts
  JOIN version ON version.kpi = parts.kpi
  {added}
), known_before AS (
  SELECT id, kpi, value.number, series, unit_id, use_case_id, vendor_id, num, den, n, hist, covered, expected, inputs,
    value.provisional
  FROM kpi_value AS value
  JOIN version USING (kpi, number)
  WHERE month = %(month)s
), difference AS (
  SELECT coalesce(fresh.kpi, old.kpi) AS kpi, coalesce(fresh.number, old.number) AS number,
    coalesce(fresh.series, old.series) AS series, coalesce(fresh.unit_id, old.unit_id) AS unit_id,
    coalesce(fresh.use_case_id, old.use_case_id) AS use_case_id, coalesce(fresh.vendor_id, old.vendor_id) AS vendor_id,
    coalesce(fresh.num, 0) AS num, coalesce(fresh.den, 0) AS den, coalesce(fresh.n, 0) AS n, fresh.hist,
    coalesce(fresh.covered, 0) AS covered, coalesce(fresh.expected, 0) AS expected,
    coalesce(fresh.inputs, 0) AS inputs, coalesce(fresh.provisional, old.provisional) AS provisional,
    old.id, old.num AS old_num, old.den AS old_den, old.n AS old_n, old.hist AS old_hist
  FROM fresh
  FULL JOIN known_before AS old
    ON fresh.kpi = old.kpi AND fresh.number = old.number AND fresh.series = old.series
    AND fresh.unit_id = old.unit_id AND coalesce(fresh.use_case_id, 0) = coalesce(old.use_case_id, 0)
    AND coalesce(fresh.vendor_id, 0) = coalesce(old.vendor_id, 0)
  WHERE old.id IS NULL OR (fresh.num, fresh.den, fresh.n, fresh.hist, fresh.covered, fresh.expected, fresh.inputs,
      coalesce(fresh.provisional, old.provisional))
    IS DISTINCT FROM (old.num, old.den, old.n, old.hist, old.covered, old.expected, old.inputs, old.provisional)
), written AS (
  INSERT INTO kpi_value AS value (kpi, number, series, family, month, unit_id, use_case_id, vendor_id, num, den, n,
    hist, covered, expected, inputs, provisional, recorded_at, computed_at)
  SELECT kpi, number, series, version.family, %(month)s, unit_id, use_case_id, vendor_id, num, den, n, hist, covered,
    expected, inputs, difference.provisional, %(now)s, %(now)s
  FROM difference
  JOIN version USING (kpi, number)
  -- What is gone is written as zeros once, and left alone then.
  WHERE id IS NULL OR inputs > 0 OR (old_num, old_den, old_n, old_hist) IS DISTINCT FROM (0, 0, 0, NULL::bigint[])
  ORDER BY kpi, number, series, unit_id, use_case_id, vendor_id  -- as the index has them
  ON CONFLICT (month, kpi, number, series, unit_id, use_case_id, vendor_id) DO UPDATE SET
    num = excluded.num, den = excluded.den, n = excluded.n, hist = excluded.hist, covered = excluded.covered,
    expected = excluded.expected, inputs = excluded.inputs, provisional = excluded.provisional,
    computed_at = excluded.computed_at
  RETURNING family
), logged AS (
  INSERT INTO kpi_revision (kpi_value_id, before, after, cause, batch_id, at)
  SELECT id, jsonb_build_object('num', old_num, 'den', old_den, 'n', old_n, 'hist', old_hist),
    jsonb_build_object('num', num, 'den', den, 'n', n, 'hist', hist), version.cause, version.batch, %(now)s
  FROM difference
  JOIN version USING (kpi, number)
  WHERE id IS NOT NULL AND (num, den, n, hist) IS DISTINCT FROM (old_num, old_den, old_n, old_hist)
  RETURNING kpi_value_id
)
SELECT family, sum(computed)::int, sum(written)::int, sum(revised)::int FROM (
  SELECT version.family, 1 AS computed, 0 AS written, 0 AS revised FROM fresh JOIN version USING (kpi, number)
  UNION ALL SELECT family, 0, 1, 0 FROM written
  UNION ALL SELECT version.family, 0, 0, 1
    FROM logged JOIN difference ON difference.id = logged.kpi_value_id JOIN version USING (kpi, number)
) AS counted GROUP BY family
"""


# What the records of several KPIs share, in the order in which they build on each other.
_SHARED = ("stage_at", "tier_at", "benefit_at", "control_at", "risk_at")


@lru_cache
def statement(kpis: tuple[Kpi, ...], *, later: bool = False) -> str:
    """The whole statement for these KPIs; LATER if something of the month was counted again."""
    facts = [_records(kpi.key) for kpi in kpis if is_known(kpi.key)]
    tables = [f"{name} AS ({text(name)})" for name in _SHARED if any(name in fact for fact in facts)]
    if any("FROM sums" in fact for fact in facts) or any(kpi.terms for kpi in kpis):
        tables.append(_SUMS.replace("{later}", _LATER if later else ""))
    if any(kpi.terms for kpi in kpis):
        facts.append(_OBSERVATIONS)
    timed = any(term.hist for kpi in kpis for term in kpi.terms)
    if timed:
        tables.append(_TIMED)
    union = "\n  UNION ALL\n".join(facts)
    write = _WRITE.strip().replace("{hist}", _HIST + (", added.hist)" if timed else ", NULL)"))
    return "WITH " + ",\n".join([*tables, f"facts AS ({union}\n)", write.replace("{added}", _ADDED if timed else "")])


def sums_statement(*, later: bool = False) -> str:
    """The sums of KPIs made of observations over all units, by KPI and series; nothing is written."""
    sums = _SUMS.replace("{later}", _LATER if later else "")
    return f"""WITH {sums}, facts AS ({_OBSERVATIONS})
SELECT kpi, series, coalesce(sum(num), 0), coalesce(sum(den), 0), coalesce(sum(n), 0)::bigint
FROM facts WHERE NOT apart GROUP BY kpi, series"""  # noqa: S608 (our own text)


@lru_cache
def records_statement(key: str) -> str:
    """The records of a KPI in a month, each with its kind and reference (review R-2026-0001) if it has a page."""
    fact = text(key)
    tables = [f"{name} AS ({text(name)})" for name in _SHARED if name in fact]
    tables += [_SUMS.replace("{later}", "")] if "FROM sums" in fact else []
    before = "WITH " + ",\n".join(tables) if tables else ""
    return f"{before}\nSELECT record.* FROM ({fact}) AS record"


@lru_cache
def daily_statement(key: str) -> str:
    """Numerator and denominator of a snapshot at each of several moments, `ends`."""
    fact = text(key)
    tables = ",\n".join(f"{name} AS ({text(name)})" for name in _SHARED if name in fact)
    told = f"WITH {tables}\n{fact}".replace("%(as_of)s", "moment.at")
    of_units = "%(units)s::bigint[] IS NULL OR record.unit_id = ANY(%(units)s)"
    return f"""
SELECT moment.at, sum(record.num)::numeric, sum(record.den)::numeric
FROM unnest(%(ends)s::timestamptz[]) AS moment(at) CROSS JOIN LATERAL ({told}) AS record
WHERE record.series = '' AND ({of_units})
GROUP BY moment.at ORDER BY moment.at"""  # noqa: S608 (our own files)


@lru_cache
def open_statement(key: str) -> str | None:
    """What has begun and not ended, the oldest first: unit_id, use_case_id, age and record; None of other KPIs."""
    if not (RECORDS / "open" / f"{key}.sql").is_file():
        return None
    of_units = "%(units)s::bigint[] IS NULL OR unit_id = ANY(%(units)s)"
    of_ours = text(f"open/{key}")
    return f"SELECT * FROM ({of_ours}) AS open WHERE {of_units} ORDER BY age DESC, use_case_id, record"  # noqa: S608


def _records(key: str) -> str:
    """A file selects series, unit_id, use_case_id, vendor_id, num, den, day, known, record: a row for each record."""
    return f"""
  SELECT '{key}' AS kpi, series, unit_id, use_case_id, vendor_id, num::numeric, den::numeric,
    (den <> 0)::int AS n, 1 AS inputs, day::int, known::int, false AS apart
  FROM ({text(key)}) AS record"""  # noqa: S608 (the key is the catalogue's)


@lru_cache
def text(name: str) -> str:
    """A file of SQL; `%` stands only before a parameter."""
    return (RECORDS / f"{name}.sql").read_text(encoding="utf-8").strip()


def is_known(key: str) -> bool:
    return (RECORDS / f"{key}.sql").is_file()
