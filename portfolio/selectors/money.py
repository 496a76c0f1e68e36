"""The value page: cost lines, benefits, and what they come to in each currency."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from caio_portal.common import clock
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
    worths: tuple[tuple[str, value.Worth], ...]  # by currency
    horizon: int
    rate: Decimal


def value_of(use_case: UseCase) -> ValuePage:
    """Two queries; the sums are made in Python, one currency at a time."""
    costs = tuple(use_case.cost_lines.filter(voided_at=None))
    benefits = tuple(
        _line(benefit) for benefit in use_case.benefits.filter(voided_at=None).select_related("verified_by")
    )
    currencies = sorted({cost.currency for cost in costs} | {line.benefit.currency for line in benefits if line.money})
    worths = tuple((currency, _worth(use_case, currency, costs, benefits)) for currency in currencies)
    return ValuePage(costs, benefits, worths, value.HORIZON_MONTHS, value.DISCOUNT_RATE)


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
