"""What a quarter's money is planned for and spent on: units, use cases, vendors, categories; and what work costs."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Sum

from caio_portal.accounts.models import OrgUnit, User
from caio_portal.common import clock
from kpis import catalogue, months, words
from kpis.models import BudgetLine
from kpis.selectors.budget import Budget
from kpis.selectors.outlook import RATE_MONTHS, expected
from kpis.selectors.readings import Reading, headline
from kpis.selectors.scorecard import default_month
from kpis.selectors.sums import UnitIds
from kpis.status import Bands, Status, status
from portfolio.models import CostCategory, UseCase
from vendors.models import Vendor

SHOWN = 15
ZERO = Decimal(0)
_Key = tuple[str, Any]  # kind, and whose: an id, or the name of a category


@dataclass(frozen=True, slots=True)
class Share:
    """Part of a budget. The variance is that of the months that are over."""

    name: str
    planned: Decimal
    committed: Decimal
    actual: Decimal
    forecast: Decimal | None
    variance: Decimal | None
    bands: Bands
    url: str = ""

    @property
    def variance_words(self) -> str:
        return words.value(catalogue.current().by_key["budget_variance"], self.variance)

    @property
    def status(self) -> Status:
        return status(self.variance, self.bands, 1)


@dataclass(frozen=True, slots=True)
class Costs:
    units: tuple[Share, ...]  # the dearest first, in all four
    use_cases: tuple[Share, ...]
    vendors: tuple[Share, ...]
    categories: tuple[Share, ...]
    unit_costs: tuple[Reading, ...]
    per_user: Decimal | None  # effective cost of the last month that is over, for each active person


@dataclass(slots=True)
class _Sums:
    """What is known of one share, month by month."""

    planned: Decimal = ZERO
    committed: Decimal = ZERO
    due: Decimal = ZERO  # what was planned for the months that are over and for which cost has come
    actual: dict[date, Decimal] = field(default_factory=lambda: defaultdict(Decimal))


_VALUES = """
SELECT month,
  CASE WHEN use_case_id IS NOT NULL THEN 'use_case' WHEN vendor_id IS NOT NULL THEN 'vendor' ELSE 'unit' END,
  coalesce(use_case_id, vendor_id, unit_id), sum(num)
FROM kpi_value
WHERE kpi = 'budget_variance' AND number = %(number)s AND month BETWEEN %(since)s AND %(last)s AND inputs > 0
  AND (%(units)s::bigint[] IS NULL OR unit_id = ANY(%(units)s))
GROUP BY 1, 2, 3
"""
# Cost files tell models and tokens from the rest. Everything else stands in business cases; what a use case pays for
# models there is left out where a file brings it.
_CATEGORIES = """
SELECT month, 'models', sum(num) FROM kpi_value
WHERE kpi = 'cost_per_key_action' AND number = %(inference)s AND series = '' AND use_case_id IS NULL
  AND vendor_id IS NULL AND month BETWEEN %(since)s AND %(last)s
  AND (%(units)s::bigint[] IS NULL OR unit_id = ANY(%(units)s))
GROUP BY 1
UNION ALL
SELECT month, category, sum(amount) FROM cost_line
JOIN use_case ON use_case.id = cost_line.use_case_id
WHERE cost_line.kind = 'actual' AND cost_line.voided_at IS NULL AND use_case.voided_at IS NULL
  AND month BETWEEN %(since)s AND %(last)s AND (%(units)s::bigint[] IS NULL OR use_case.unit_id = ANY(%(units)s))
  AND NOT (category = 'models' AND EXISTS (
    SELECT FROM kpi_value
    WHERE kpi_value.kpi = 'budget_variance' AND number = %(number)s AND kpi_value.use_case_id = use_case.id
      AND kpi_value.month = cost_line.month AND kpi_value.num <> 0))
GROUP BY 1, 2
"""


def costs(budget: Budget, units: UnitIds, user: User) -> Costs:
    """Of a budget that was read before, in eleven queries. Use cases that the reader may not see are not named."""
    sums = _sums(budget, units)
    shares = _Shares(budget, sums)
    return Costs(
        shares.of("unit", OrgUnit.objects.in_bulk(_ids(sums, "unit"))),
        _use_cases(shares, UseCase.objects.visible_to(user).in_bulk(_ids(sums, "use_case"))),
        shares.of("vendor", Vendor.objects.in_bulk(_ids(sums, "vendor"))),
        shares.of("category", {name: name for kind, name in sums if kind == "category"}),
        *_per_unit(budget, units),
    )


def _sums(budget: Budget, units: UnitIds) -> dict[_Key, _Sums]:
    """Plans of the quarter, and cost of it and of the months from which it is foreseen; in three queries."""
    found: dict[_Key, _Sums] = defaultdict(_Sums)
    known = catalogue.current().by_key
    wanted = [month.month for month in budget.months]
    parameters: dict[str, Any] = {
        "number": known["budget_variance"].counted_by, "inference": known["cost_per_key_action"].counted_by,
        "since": months.add(wanted[0], -RATE_MONTHS), "last": wanted[-1],
        "units": None if units is None else sorted(units),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_VALUES, parameters)
        for month, kind, pk, amount in cursor.fetchall():
            found[kind, pk].actual[month] += amount
            if kind == "unit":
                found["category", CostCategory.INFRASTRUCTURE.label].actual[month] += amount
        cursor.execute(_CATEGORIES, parameters)
        for month, category, amount in cursor.fetchall():
            found["category", CostCategory(category).label].actual[month] += amount
            if category == CostCategory.MODELS:
                found["category", CostCategory.INFRASTRUCTURE.label].actual[month] -= amount
    _add_plans(found, budget, units)
    return found


def _add_plans(found: dict[_Key, _Sums], budget: Budget, units: UnitIds) -> None:
    closed = {month.month for month in budget.closed}
    lines = BudgetLine.objects.filter(month__in=[month.month for month in budget.months]).order_by()
    if units is not None:
        lines = lines.filter(unit__in=units)
    columns = ("unit_id", "use_case_id", "vendor_id", "category", "month")
    for unit, use_case, vendor, category, month, planned, committed in lines.values_list(*columns).annotate(
        Sum("planned"), Sum("committed")
    ):
        keys = [("unit", unit), ("use_case", use_case), ("vendor", vendor), ("category", category or "No category")]
        for kind, whose in keys:
            if whose:
                sums = found[kind, whose]
                sums.planned, sums.committed = sums.planned + planned, sums.committed + committed
                sums.due += planned if month in closed else 0


@dataclass(frozen=True, slots=True)
class _Shares:
    """Makes shares of sums."""

    budget: Budget
    sums: Mapping[_Key, _Sums]

    def of(self, kind: str, named: Mapping[Any, Any]) -> tuple[Share, ...]:
        """Those of a kind that have a name, and money."""
        found = (
            self.share(_name(named[whose]), sums, url=_address(named[whose]))
            for (each, whose), sums in self.sums.items()
            if each == kind and whose in named
        )
        return _largest(share for share in found if share.actual or share.planned)

    def share(self, name: str, sums: _Sums, url: str = "") -> Share:
        spent = {month.month: sums.actual.get(month.month, ZERO) for month in self.budget.delivered}
        actual = sum(spent.values(), ZERO)
        closed = sum((spent[month.month] for month in self.budget.closed), ZERO)
        variance = (closed - sums.due) / sums.due * 100 if sums.due else None
        return Share(
            name, sums.planned, sums.committed, actual, self._forecast(sums), variance, self.budget.bands, url
        )  # fmt: skip

    def _forecast(self, sums: _Sums) -> Decimal | None:
        """By the run rate of the last months for which cost has come, as for the whole budget."""
        this = months.first(clock.today())
        over = [row.month for row in self.budget.year if row.actual is not None and row.month < this][-RATE_MONTHS:]
        if not over:
            return None
        rate = sum((sums.actual.get(month, ZERO) for month in over), ZERO) / len(over)
        come = {
            row.month: None if row.actual is None else sums.actual.get(row.month, ZERO) for row in self.budget.months
        }
        return sum((expected(month, amount, this, rate) for month, amount in come.items()), ZERO)


def _use_cases(shares: _Shares, seen: Mapping[int, UseCase]) -> tuple[Share, ...]:
    """The dearest, all others in one row, and what no use case owns: together the cost of the units."""
    named = shares.of("use_case", seen)
    shown = {share.url for share in named[:SHOWN]}
    rest, unowned = _Sums(), _Sums()
    for (kind, whose), sums in shares.sums.items():
        if kind == "unit":
            _merge(unowned, sums)
        elif kind == "use_case":
            _merge(unowned, sums, sign=-1)
            if whose not in seen or seen[whose].get_absolute_url() not in shown:
                _merge(rest, sums)
    more = [("Other use cases", rest), ("Not allocated to a use case", unowned)]
    # What is planned for a unit is for both of them: neither has a variance of its own.
    others = [replace(shares.share(name, sums), variance=None) for name, sums in more]
    return (*named[:SHOWN], *(share for share in others if share.actual or share.planned))


def _merge(into: _Sums, sums: _Sums, sign: int = 1) -> None:
    into.planned += sign * sums.planned
    into.committed += sign * sums.committed
    into.due += sign * sums.due
    for month, amount in sums.actual.items():
        into.actual[month] += sign * amount


def _ids(sums: Mapping[_Key, _Sums], kind: str) -> set[int]:
    return {whose for each, whose in sums if each == kind}


def _name(named: Any) -> str:
    return named.title if isinstance(named, UseCase) else str(named)


def _address(named: Any) -> str:
    return "" if isinstance(named, str | OrgUnit) else named.get_absolute_url()


def _largest(shares: Iterable[Share]) -> tuple[Share, ...]:
    return tuple(sorted(shares, key=lambda share: (-share.actual, -share.planned, share.name)))


def _per_unit(budget: Budget, units: UnitIds) -> tuple[tuple[Reading, ...], Decimal | None]:
    """In the last month of the quarter that is over."""
    last = default_month()
    month = min(budget.months[-1].month, last)
    *unit_costs, users = headline(units, month, ("cost_per_key_action", "cost_to_serve", "adoption_rate"), length=2)
    cost = next((row.actual for row in budget.year if row.month == month), None)
    people = users.sums.num
    return tuple(unit_costs), cost / people if people and cost is not None else None
