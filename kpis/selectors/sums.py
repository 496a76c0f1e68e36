"""The stored sums of KPIs over a set of units: the only readers of `kpi_value` for trends."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from kpis.catalogue import MAIN, Kpi
from kpis.months import Window
from kpis.values import Formula, Sums, total

UnitIds = Collection[int] | None  # None: all units


@dataclass(frozen=True, slots=True)
class Cell:
    """A KPI in one month, over all the units asked for."""

    sums: Sums = field(default_factory=Sums)
    covered: int = 0
    expected: int = 0
    provisional: bool = False
    computed_at: datetime | None = None


MonthCells = Mapping[date, Cell]
Cells = Mapping[tuple[str, str], MonthCells]  # by KPI and series

# What a value was on a day: the state before the first revision after it; values first recorded later did not exist.
_AS_KNOWN = """
  LEFT JOIN LATERAL (
    SELECT before FROM kpi_revision WHERE kpi_value_id = value.id AND at > %(known_on)s ORDER BY at, id LIMIT 1
  ) AS later ON true
"""
_SUMS = """
SELECT value.kpi, value.series, value.month, sum({num}), sum({den}), sum({n})::bigint, sum(covered)::int,
  sum(expected)::int, bool_or(provisional), extract(epoch FROM max(computed_at))::float8
FROM kpi_value AS value
JOIN unnest(%(kpi)s::text[], %(number)s::int[], %(since)s::date[]) AS version(kpi, number, since)
  ON version.kpi = value.kpi AND version.number = value.number AND value.month >= version.since
{as_known}
WHERE value.month BETWEEN %(first)s AND %(last)s AND value.use_case_id IS NULL AND value.vendor_id IS NULL
  AND (%(units)s::bigint[] IS NULL OR value.unit_id = ANY(%(units)s)) {recorded}
GROUP BY value.kpi, value.series, value.month
"""
# Only the days that have records: a few hundred of many thousands.
_HISTOGRAMS = """
SELECT value.kpi, value.series, value.month, place - 1, sum(count)::bigint
FROM kpi_value AS value
JOIN unnest(%(kpi)s::text[], %(number)s::int[], %(since)s::date[]) AS version(kpi, number, since)
  ON version.kpi = value.kpi AND version.number = value.number AND value.month >= version.since
{as_known}
CROSS JOIN LATERAL unnest({hist}) WITH ORDINALITY AS bucket(count, place)
WHERE value.month BETWEEN %(first)s AND %(last)s AND value.use_case_id IS NULL AND value.vendor_id IS NULL
  AND (%(units)s::bigint[] IS NULL OR value.unit_id = ANY(%(units)s)) {recorded} AND count > 0
GROUP BY value.kpi, value.series, value.month, place
"""
_NOW = {"num": "num", "den": "den", "n": "n", "hist": "value.hist", "as_known": "", "recorded": "",
        "there": "value.inputs > 0"}  # fmt: skip
_THEN = {
    "num": "coalesce((later.before->>'num')::numeric, num)",
    "den": "coalesce((later.before->>'den')::numeric, den)",
    "n": "coalesce((later.before->>'n')::bigint, n)",
    "hist": """CASE WHEN later.before IS NULL THEN value.hist WHEN jsonb_typeof(later.before->'hist') = 'array'
      THEN ARRAY(SELECT jsonb_array_elements_text(later.before->'hist')::bigint) END""",
    "as_known": _AS_KNOWN,
    "recorded": "AND value.recorded_at <= %(known_on)s",
    "there": """CASE WHEN later.before IS NULL THEN value.inputs > 0
      ELSE ((later.before->>'num')::numeric, (later.before->>'den')::numeric, (later.before->>'n')::bigint) <> (0, 0, 0)
      END""",
}


def read(
    kpis: Iterable[Kpi],
    units: UnitIds,
    first: date,
    last: date,
    *,
    known_on: datetime | None = None,
    histograms: bool = False,
    shown_from: date | None = None,
) -> dict[tuple[str, str], dict[date, Cell]]:
    """The sums of each KPI and month in two queries (one, if none is a percentile and `histograms` are not wanted).

    Of months before those that are SHOWN only those are read that the window of a KPI reaches.
    """
    wanted = tuple(kpis)
    found: dict[tuple[str, str], dict[date, Cell]] = defaultdict(dict)
    form = told(known_on)
    for kpi, series, month, num, den, n, covered, expected, provisional, seconds in _rows(
        _SUMS.format(**form), wanted, units, first, last, known_on, shown_from
    ):  # seconds, because to read a moment as text takes ten times as long
        cell = Cell(Sums(num, den, n), covered, expected, provisional, datetime.fromtimestamp(seconds, UTC))
        found[kpi, series][month] = cell
    percentiles = tuple(kpi for kpi in wanted if histograms or kpi.formula is Formula.PERCENTILE)
    if percentiles:
        counts: dict[tuple[str, str, date], dict[int, int]] = defaultdict(dict)
        for kpi, series, month, day, count in _rows(
            _HISTOGRAMS.format(**form), percentiles, units, first, last, known_on, shown_from
        ):
            counts[kpi, series, month][day] = count
        for (kpi, series, month), days in counts.items():
            cell = found[kpi, series][month]
            found[kpi, series][month] = replace(cell, sums=replace(cell.sums, hist=tuple(sorted(days.items()))))
    return found


def told(known_on: datetime | None) -> Mapping[str, str]:
    """How statements name the numbers of `kpi_value AS value`: as they are, or as they were on a day."""
    return _THEN if known_on else _NOW


def over(cells: MonthCells, window: Window, month: date) -> Cell:
    """The months of a window added up; a snapshot is never added."""
    if window in (Window.SNAPSHOT, Window.MONTH):
        return cells.get(month) or Cell()
    parts = [cells[each] for each in window.months(month) if each in cells]
    if not parts:
        return Cell()
    newest = parts[-1]
    return Cell(
        total(part.sums for part in parts), newest.covered, newest.expected, any(part.provisional for part in parts),
        max((part.computed_at for part in parts if part.computed_at), default=None),
    )  # fmt: skip


def value(kpi: Kpi, cells: Cells, month: date, series: str = MAIN) -> Decimal | None:
    """The unrounded value of a KPI in a month, its window added up."""
    sums = over(cells.get((kpi.key, series), {}), kpi.window_of(series), month).sums
    control = None
    if kpi.formula is Formula.DIFFERENCE_OF_RATIOS:
        control = over(cells.get((kpi.key, "control"), {}), kpi.window, month).sums
    return kpi.value(sums, control)


def _rows(
    statement: str,
    kpis: tuple[Kpi, ...],
    units: UnitIds,
    first: date,
    last: date,
    known_on: datetime | None,
    shown_from: date | None,
) -> list[tuple[Any, ...]]:
    parameters: dict[str, Any] = {
        "kpi": [kpi.key for kpi in kpis], "number": [kpi.counted_by for kpi in kpis], "first": first, "last": last,
        "units": None if units is None else sorted(units), "known_on": known_on,
        "since": [kpi.window.months(shown_from)[0] if shown_from else first for kpi in kpis],
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())
