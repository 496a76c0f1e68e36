"""The value page: cost lines, benefits, and what they come to in each currency."""

from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate
from typing import Any

from caio_portal.common import clock
from caio_portal.common.charts import Axis, Chart, Series
from portfolio import value
from portfolio.models import Benefit, BenefitState, CostKind, CostLine, UseCase

_MEASURED = (BenefitState.MEASURED, BenefitState.VERIFIED)


@dataclass(frozen=True)
class BenefitLine:
    """A benefit with its improvement, and what that is worth in each of its periods."""

    benefit: Benefit
    improvement: Decimal | None
    money: Decimal | None


@dataclass(frozen=True)
class ValuePage:
    costs: tuple[CostLine, ...]
    benefits: tuple[BenefitLine, ...]
    worths: tuple[tuple[str, value.Worth, Chart], ...]  # by currency
    horizon: int
    rate: Decimal


def value_of(use_case: UseCase) -> ValuePage:
    """Two queries; the sums are made in Python, one currency at a time."""
    costs = tuple(use_case.cost_lines.filter(voided_at=None))
    benefits = tuple(
        _line(benefit) for benefit in use_case.benefits.filter(voided_at=None).select_related("verified_by")
    )
    currencies = sorted({cost.currency for cost in costs} | {line.benefit.currency for line in benefits if line.money})
    found = [(currency, _worth(use_case, currency, costs, benefits)) for currency in currencies]
    worths = tuple((currency, worth, _chart(currency, worth)) for currency, worth in found)
    return ValuePage(costs, benefits, worths, value.HORIZON_MONTHS, value.DISCOUNT_RATE)


def _chart(currency: str, worth: value.Worth) -> Chart:
    """The running total of what it brings less what it costs."""
    nets = [float(month.net) for month in worth.months]
    totals = list(accumulate(nets))
    if worth.payback:
        summary = f"It has paid back from {worth.payback:%B %Y} on."
    else:
        summary = f"It does not pay back within {len(nets)} months."
    line = Series("Running total", [f"{month.month:%b %y}" for month in worth.months], totals, area=True)
    return Chart(
        id=f"total-{currency.lower()}",
        kind="line",
        title=f"Running total, in {currency}",
        summary=summary,
        series=[line],
        y=Axis(currency, low=min(0.0, *totals)),
        source="Cost lines and benefits of this use case",
        target=0,
        target_label="Paid back",
        row_head="Month",
        height=260,
    )


def cost_defaults(use_case: UseCase) -> dict[str, Any]:
    """What the form for a cost starts with: this month, in the currency used last."""
    last = use_case.cost_lines.filter(voided_at=None).last()
    month = clock.today().replace(day=1)
    return {"month": month, "kind": CostKind.ACTUAL, "currency": last.currency if last else "USD"}


def _line(benefit: Benefit) -> BenefitLine:
    reached = benefit.value if benefit.state in _MEASURED else benefit.target
    gained = value.improvement(benefit.baseline, reached, lower_is_better=benefit.lower_is_better)
    money = None if gained is None or benefit.worth is None else gained * benefit.worth
    return BenefitLine(benefit, gained, money)


def _worth(
    use_case: UseCase, currency: str, costs: tuple[CostLine, ...], benefits: tuple[BenefitLine, ...]
) -> value.Worth:
    started = (use_case.stage_since or use_case.registered_at).date()
    return value.worth(
        [value.Cost(c.month, c.category, c.kind, c.amount) for c in costs if c.currency == currency],
        [
            value.Gain(line.benefit.starts_on or started, line.benefit.period, line.money)
            for line in benefits
            if line.money is not None and line.benefit.currency == currency
        ],
    )
