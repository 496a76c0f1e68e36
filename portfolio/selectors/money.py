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
# What is counted by the states of its benefits: in which words, and where such a figure is good enough.
_BASES = (
    ("All that is claimed", tuple(BenefitState), "Plans and priorities"),
    ("With a baseline", (BenefitState.BASELINED, *_MEASURED), "Plans that can be checked later"),
    ("Measured", _MEASURED, "Executive page and briefing"),
    ("Verified by finance", (BenefitState.VERIFIED,), "What the board may quote"),
)


@dataclass(frozen=True)
class BenefitLine:
    """A benefit with its improvement, and what that is worth in each of its periods."""

    benefit: Benefit
    improvement: Decimal | None
    money: Decimal | None


@dataclass(frozen=True)
class Counted:
    """The result if only benefits of some states count, all costs against them."""

    label: str
    good_for: str
    number: int  # benefits that count
    worth: value.Worth


@dataclass(frozen=True)
class InCurrency:
    """What it comes to in one currency: all together with its chart, then by what the states allow to count."""

    currency: str
    worth: value.Worth
    chart: Chart
    counted: tuple[Counted, ...]


@dataclass(frozen=True)
class ValuePage:
    costs: tuple[CostLine, ...]
    benefits: tuple[BenefitLine, ...]
    worths: tuple[InCurrency, ...]
    horizon: int
    rate: Decimal


def value_of(use_case: UseCase) -> ValuePage:
    """Two queries; the sums are made in Python, one currency at a time."""
    costs = tuple(use_case.cost_lines.filter(voided_at=None))
    benefits = tuple(
        _line(benefit) for benefit in use_case.benefits.filter(voided_at=None).select_related("verified_by")
    )
    currencies = sorted({cost.currency for cost in costs} | {line.benefit.currency for line in benefits if line.money})
    worths = tuple(_in_currency(use_case, currency, costs, benefits) for currency in currencies)
    return ValuePage(costs, benefits, worths, value.HORIZON_MONTHS, value.DISCOUNT_RATE)


def _in_currency(
    use_case: UseCase, currency: str, costs: tuple[CostLine, ...], benefits: tuple[BenefitLine, ...]
) -> InCurrency:
    own = tuple(line for line in benefits if line.money is not None and line.benefit.currency == currency)
    counted = []
    for label, states, good_for in _BASES:
        counting = tuple(line for line in own if line.benefit.state in states)
        counted.append(Counted(label, good_for, len(counting), _worth(use_case, currency, costs, counting)))
    worth = _worth(use_case, currency, costs, own)
    return InCurrency(currency, worth, _chart(currency, worth), tuple(counted))


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
            if line.money is not None
        ],
    )
