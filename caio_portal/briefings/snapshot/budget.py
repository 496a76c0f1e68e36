"""Investments and budget, the year to date."""

from collections import defaultdict
from decimal import Decimal

from caio_portal.briefings.snapshot import figures
from caio_portal.briefings.snapshot.schema import Budget, BudgetLine, BudgetMonth, Figure, Tone
from caio_portal.briefings.snapshot.scope import Scope
from caio_portal.common.quarters import Quarter
from kpis import selectors
from kpis.selectors.budget import BudgetMonth as PlannedMonth
from kpis.selectors.budget import BudgetShare
from kpis.status import Bands, Status, status

ZERO = Decimal(0)
SHOWN = 10
SOURCE = "Cost files (FOCUS, effective cost) and the budget lines of the units."
_TONES: dict[Status, Tone] = {
    Status.ON_TRACK: "good",
    Status.WATCH: "warn",
    Status.OFF_TRACK: "bad",
}


def budget(scope: Scope) -> Budget:
    """The quarters of the year up to the briefing's; months without a cost file have no actual cost."""
    year = [Quarter(f"{scope.quarter.year}Q{number}") for number in range(1, 5)]
    read = [selectors.budget(scope.unit_ids, quarter) for quarter in year]
    months = [month for quarter in read for month in quarter.months]
    past = [quarter for quarter in read if Quarter(quarter.quarter) <= scope.quarter]
    known = [month for quarter in past for month in quarter.months if month.actual is not None]
    if not any(month.planned or month.actual for month in months):
        return Budget(source=SOURCE)
    shares = _added(share for quarter in past for share in quarter.by_unit)
    vendors = _added(share for quarter in past for share in quarter.by_vendor)
    bands = past[-1].bands
    return Budget(
        figures=_figures(scope, months, known, bands),
        lines=tuple(_line(share, bands) for share in (*shares[:SHOWN], *vendors[:SHOWN])),
        months=tuple(
            BudgetMonth(
                month=month.month, planned=month.planned, actual=month.actual if month.month <= scope.month else None
            )
            for month in months
        ),
        source=SOURCE,
    )


def _figures(scope: Scope, months: list[PlannedMonth], known: list[PlannedMonth], bands: Bands) -> tuple[Figure, ...]:
    spent = sum((month.actual or ZERO for month in known), ZERO)
    planned = sum((month.planned for month in known), ZERO)
    year = sum((month.planned for month in months), ZERO)
    variance = figures.share(
        scope, "budget_variance", "Variance", spent - planned, planned, "(Spent − planned) ÷ planned, months with cost."
    )
    marked = variance.model_copy(update={"quality": status(variance.value, bands, len(known)).label})
    forecast = spent / len(known) * len(months) if known else None
    return (
        figures.amount(scope, "spent", "Spent, year to date", spent, "Effective cost of the cost files of the year."),
        figures.amount(
            scope, "planned", "Planned for these months", planned, "Budget lines of the months for which cost has come."
        ),
        marked,
        figures.amount(
            scope, "forecast", "Forecast, year", forecast,
            "Months to come at the average of those known; the whole year is planned at "
            f"{figures.amount(scope, '', '', year, '').words}.",
        ),
    )  # fmt: skip


def _added(shares: object) -> list[BudgetShare]:
    sums: dict[str, list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])
    for share in shares:  # type: ignore[attr-defined]
        sums[share.name][0] += share.planned
        sums[share.name][1] += share.actual
    rows = [BudgetShare(name, planned, actual) for name, (planned, actual) in sums.items() if name]
    return sorted(rows, key=lambda share: (-share.actual, -share.planned, share.name))


def _line(share: BudgetShare, bands: Bands) -> BudgetLine:
    variance = share.variance
    judged = status(variance, bands, 1 if variance is not None else 0)
    return BudgetLine(
        category=share.name, planned=round(share.planned, 2), committed=ZERO, actual=round(share.actual, 2),
        forecast=None, variance=None if variance is None else round(variance, 1), tone=_TONES.get(judged, "neutral"),
    )  # fmt: skip
