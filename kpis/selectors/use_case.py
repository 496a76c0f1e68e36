"""The figures of one use case."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from kpis import catalogue, months
from kpis.models import KpiValue
from kpis.selectors.readings import LONGEST_WINDOW, Reading, readings
from kpis.selectors.sums import Cell
from kpis.selectors.targets import targets
from kpis.values import Sums, histogram
from portfolio.models import UseCase

TREND = 12


def use_case_readings(use_case: UseCase, month: date) -> tuple[Reading, ...]:
    """Every KPI that the use case has figures for, against the targets of its unit; in two queries."""
    first = months.add(month, 1 - TREND - LONGEST_WINDOW)
    rows = KpiValue.objects.filter(use_case_id=use_case.pk, month__range=(first, month), inputs__gt=0)
    cells = cells_of(rows)
    known = [kpi for kpi in catalogue.current().kpis if (kpi.key, "") in cells and "use_case" in kpi.dimensions]
    wanted = targets([use_case.unit_id], [kpi.key for kpi in known], use_case.unit.path)
    return tuple(
        reading for reading in readings(known, cells, wanted, month, length=TREND) if reading.value is not None
    )


def cells_of(rows: Iterable[KpiValue]) -> dict[tuple[str, str], dict[date, Cell]]:
    """The stored values of one use case by the definitions in force, by KPI, series and month."""
    cells: dict[tuple[str, str], dict[date, Cell]] = defaultdict(dict)
    known = catalogue.current().by_key
    for row in rows:
        if row.kpi not in known or row.number != known[row.kpi].counted_by:
            continue
        sums = Sums(row.num, row.den, row.n, histogram(row.hist or ()))
        cells[row.kpi, row.series][row.month] = Cell(sums, provisional=row.provisional, computed_at=row.computed_at)
    return cells
