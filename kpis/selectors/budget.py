"""Planned, committed, actual and forecast spending of a quarter."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from caio_portal.common import clock
from kpis import catalogue, months, words
from kpis.selectors.sums import UnitIds, read
from kpis.selectors.targets import targets
from kpis.status import Bands, Status, status

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class BudgetMonth:
    """A month of a plan; `actual` is None until a cost file has come."""

    month: date
    planned: Decimal
    committed: Decimal
    actual: Decimal | None
    provisional: bool


@dataclass(frozen=True, slots=True)
class BudgetShare:
    """Part of a budget: of a unit, a use case or a vendor."""

    name: str
    planned: Decimal
    actual: Decimal

    @property
    def variance(self) -> Decimal | None:
        return (self.actual - self.planned) / self.planned * 100 if self.planned else None

    @property
    def variance_words(self) -> str:
        return words.value(catalogue.current().by_key["budget_variance"], self.variance)


@dataclass(frozen=True, slots=True)
class Budget:
    """The budget of a set of units in a quarter. Amounts are in the currency of the cost feeds."""

    quarter: str
    months: tuple[BudgetMonth, ...]
    year: tuple[BudgetMonth, ...]  # the twelve months that end with the quarter
    by_unit: tuple[BudgetShare, ...]  # of the months that are over, as those of vendors
    by_vendor: tuple[BudgetShare, ...]
    unallocated: Decimal  # actual cost that no use case owns
    bands: Bands

    @property
    def planned(self) -> Decimal:
        return sum((month.planned for month in self.months), ZERO)

    @property
    def committed(self) -> Decimal:
        return sum((month.committed for month in self.months), ZERO)

    @property
    def actual(self) -> Decimal:
        return _spent(self.months)

    @property
    def delivered(self) -> tuple[BudgetMonth, ...]:
        """The months for which cost has come."""
        return tuple(month for month in self.months if month.actual is not None)

    @property
    def closed(self) -> tuple[BudgetMonth, ...]:
        """Those of them that are over: some days of a month are no measure against the plan of all its days."""
        this = months.first(clock.today())
        return tuple(month for month in self.delivered if month.month < this)

    @property
    def forecast(self) -> Decimal | None:
        """What the quarter will cost if the months to come cost as much as those that are over did."""
        if not self.closed:
            return None
        return _spent(self.closed) / len(self.closed) * len(self.months)

    @property
    def variance(self) -> Decimal | None:
        """(actual - budget of the same months) / that budget, in percent, of the months that are over and known."""
        planned = sum((month.planned for month in self.closed), ZERO)
        return (_spent(self.closed) - planned) / planned * 100 if planned else None

    @property
    def status(self) -> Status:
        return status(self.variance, self.bands, len(self.closed))

    @property
    def absolute_variance(self) -> Decimal | None:
        """The sum of the units' variances without their signs: what netting hides, in percent of the budget."""
        planned = sum((share.planned for share in self.by_unit), ZERO)
        if not planned:
            return None
        return sum((abs(share.actual - share.planned) for share in self.by_unit), ZERO) / planned * 100


def _spent(rows: Iterable[BudgetMonth]) -> Decimal:
    return sum((row.actual or ZERO for row in rows), ZERO)


_PLAN = """
SELECT month, sum(planned), sum(committed) FROM budget_line
WHERE month BETWEEN %(year)s AND %(last)s AND (%(units)s::bigint[] IS NULL OR unit_id = ANY(%(units)s))
GROUP BY month
"""
# Of use cases all that was spent, for what none of them owns; of units and vendors what stands against a whole plan.
_SHARES = """
SELECT
  CASE WHEN use_case_id IS NOT NULL THEN 'use_case' WHEN vendor_id IS NOT NULL THEN 'vendor' ELSE 'unit' END AS kind,
  CASE WHEN use_case_id IS NOT NULL THEN '' ELSE coalesce(vendor.name, org_unit.name) END AS name,
  coalesce(sum(den) FILTER (WHERE month < %(this)s), 0) AS planned,
  coalesce(sum(num) FILTER (WHERE month < %(this)s OR use_case_id IS NOT NULL), 0) AS actual
FROM kpi_value
JOIN org_unit ON org_unit.id = kpi_value.unit_id
LEFT JOIN vendor ON vendor.id = kpi_value.vendor_id
WHERE kpi = 'budget_variance' AND number = %(number)s AND month BETWEEN %(first)s AND %(last)s
  AND (%(units)s::bigint[] IS NULL OR unit_id = ANY(%(units)s))
GROUP BY 1, 2
"""


def budget(units: UnitIds, quarter: str) -> Budget:
    """The budget of a quarter such as 2026Q3, in five queries."""
    kpi = catalogue.current().by_key["budget_variance"]
    wanted = months.of_quarter(quarter)
    year = months.back(wanted[-1], 12)
    cells = read([kpi], units, year[0], year[-1]).get((kpi.key, ""), {})
    parameters: dict[str, Any] = {
        "year": year[0], "first": wanted[0], "last": wanted[-1], "units": None if units is None else sorted(units),
        "number": kpi.counted_by, "this": months.first(clock.today()),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_PLAN, parameters)
        plan = {month: (planned, committed) for month, planned, committed in cursor.fetchall()}
        cursor.execute(_SHARES, parameters)
        shares: dict[str, list[BudgetShare]] = defaultdict(list)
        for kind, name, planned, actual in cursor.fetchall():
            shares[kind].append(BudgetShare(name, planned, actual))
    rows = tuple(
        BudgetMonth(
            month, *plan.get(month, (ZERO, ZERO)), cells[month].sums.num if month in cells else None,
            month in cells and cells[month].provisional,
        )
        for month in year
    )  # fmt: skip
    spent = _spent(rows[-3:])
    allocated = sum((share.actual for share in shares["use_case"]), ZERO)
    bands = targets(units, [kpi.key]).bands(kpi, wanted[-1])
    return Budget(
        quarter.upper(), rows[-3:], rows, _largest(shares["unit"]), _largest(shares["vendor"]), spent - allocated, bands
    )


def _largest(shares: list[BudgetShare]) -> tuple[BudgetShare, ...]:
    return tuple(sorted(shares, key=lambda share: (-share.actual, -share.planned, share.name)))
