"""What a quarter's money was spent on: use cases and categories, and what a unit of work and a person cost."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from caio_portal.accounts.models import User
from kpis import catalogue, months
from kpis.models import BudgetLine, KpiValue
from kpis.selectors.budget import Budget, BudgetShare
from kpis.selectors.readings import Reading, headline
from kpis.selectors.scorecard import default_month
from kpis.selectors.sums import UnitIds
from portfolio.models import UseCase

SHOWN = 15


@dataclass(frozen=True, slots=True)
class UseCaseShare:
    """What one use case was planned to cost and costs."""

    use_case: UseCase
    share: BudgetShare


@dataclass(frozen=True, slots=True)
class Category:
    name: str
    planned: Decimal
    committed: Decimal


@dataclass(frozen=True, slots=True)
class Costs:
    use_cases: tuple[UseCaseShare, ...]  # the dearest first
    categories: tuple[Category, ...]  # as they are planned: cost files name none of ours
    unit_costs: tuple[Reading, ...]
    per_user: Decimal | None  # effective cost of the last month that is over, for each active person


def costs(budget: Budget, units: UnitIds, user: User) -> Costs:
    """Of a budget that was read before, in six queries. Use cases that the reader may not see are not named."""
    wanted = months.of_quarter(budget.quarter)
    kpi = catalogue.current().by_key["budget_variance"]
    seen = UseCase.objects.visible_to(user).values("pk")
    rows = KpiValue.objects.filter(kpi=kpi.key, number=kpi.version, month__in=wanted, use_case_id__in=seen)
    lines = BudgetLine.objects.filter(month__in=wanted)
    if units is not None:
        rows, lines = rows.filter(unit_id__in=units), lines.filter(unit__in=units)
    dearest = list(rows.values("use_case_id").annotate(actual=Sum("num"), plan=Sum("den")).order_by("-actual")[:SHOWN])
    found = UseCase.objects.in_bulk([row["use_case_id"] for row in dearest])
    shares = tuple(
        UseCaseShare(use_case, BudgetShare(use_case.title, row["plan"], row["actual"]))
        for row in dearest
        if (row["actual"] or row["plan"]) and (use_case := found[row["use_case_id"]])
    )
    return Costs(shares, _categories(lines), *_per_unit(budget, units))


def _categories(lines: Any) -> tuple[Category, ...]:
    rows = lines.order_by().values("category").annotate(plan=Sum("planned"), bound=Sum("committed")).order_by("-plan")
    named = tuple(Category(row["category"] or "Not told", row["plan"], row["bound"]) for row in rows)
    return named if any(row["category"] for row in rows) else ()


def _per_unit(budget: Budget, units: UnitIds) -> tuple[tuple[Reading, ...], Decimal | None]:
    """In the last month of the quarter that is over."""
    last = default_month()
    month = min(budget.months[-1].month, last)
    *unit_costs, users = headline(units, month, ("cost_per_key_action", "cost_to_serve", "adoption_rate"), length=2)
    cost = next((row.actual for row in budget.year if row.month == month), None)
    people = users.sums.num
    return tuple(unit_costs), cost / people if people and cost is not None else None
