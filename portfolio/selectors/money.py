"""The value page: cost lines, benefits, and what they come to in each currency."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import reduce
from itertools import accumulate
from operator import or_
from typing import Any

from django.db.models import Q, QuerySet, Sum

from caio_portal.accounts.models import User
from caio_portal.common import clock
from caio_portal.common.charts import Axis, Chart, Series
from portfolio import value
from portfolio.models import Benefit, BenefitState, CostCategory, CostKind, CostLine, UseCase

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
    """A benefit with its improvement, and what of that in each of its periods is this use case's, in money."""

    benefit: Benefit
    improvement: Decimal | None
    money: Decimal | None
    whole: Benefit  # where its figures are stated
    share: Decimal = Decimal(100)  # percent of the whole
    twins: tuple[Benefit, ...] = ()  # of other use cases, that look like the same

    @property
    def currency(self) -> str:
        return self.whole.currency

    @property
    def interval(self) -> tuple[Decimal, Decimal] | None:
        """What the ends of the interval around the measured value are worth, the smaller first."""
        if self.whole.low is None or self.whole.high is None or self.whole.worth is None:
            return None
        ends = [self._worth_of(self.whole.low), self._worth_of(self.whole.high)]
        return min(ends), max(ends)

    def _worth_of(self, reached: Decimal) -> Decimal:
        whole = self.whole
        gained = value.improvement(whole.baseline, reached, lower_is_better=whole.lower_is_better) or Decimal(0)
        return gained * (whole.worth or Decimal(0)) * self.share / 100


@dataclass(frozen=True)
class OfCategory:
    """What one category costs, by kind, and of the costs that count how much comes once and how much every month."""

    label: str
    planned: Decimal
    committed: Decimal
    actual: Decimal
    once: Decimal
    running: Decimal


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
    categories: tuple[OfCategory, ...]


@dataclass(frozen=True)
class ValuePage:
    costs: tuple[CostLine, ...]
    benefits: tuple[BenefitLine, ...]
    worths: tuple[InCurrency, ...]
    horizon: int
    rate: Decimal


def value_of(use_case: UseCase, user: User) -> ValuePage:
    """Three queries; the sums are made in Python, one currency at a time."""
    costs = tuple(use_case.cost_lines.filter(voided_at=None))
    given = Sum("shared_by__share", filter=Q(shared_by__voided_at=None))
    stated = list(
        use_case.benefits.filter(voided_at=None)
        .select_related("verified_by", "claimed_by", "same_as__use_case", "same_as__verified_by")
        .annotate(given=given)
    )
    twins = _twins(stated, use_case, user)
    benefits = tuple(_line(benefit, twins.get(benefit.pk, ())) for benefit in stated)
    currencies = sorted({cost.currency for cost in costs} | {line.currency for line in benefits if line.money})
    worths = tuple(_in_currency(use_case, currency, costs, benefits) for currency in currencies)
    return ValuePage(costs, benefits, worths, value.HORIZON_MONTHS, value.DISCOUNT_RATE)


def _in_currency(
    use_case: UseCase, currency: str, costs: tuple[CostLine, ...], benefits: tuple[BenefitLine, ...]
) -> InCurrency:
    own = tuple(line for line in benefits if line.money is not None and line.currency == currency)
    counted = []
    for label, states, good_for in _BASES:
        counting = tuple(line for line in own if line.whole.state in states)
        counted.append(Counted(label, good_for, len(counting), _worth(use_case, currency, costs, counting)))
    worth = _worth(use_case, currency, costs, own)
    return InCurrency(currency, worth, _chart(currency, worth), tuple(counted), tuple(_categories(currency, costs)))


def _categories(currency: str, costs: tuple[CostLine, ...]) -> Iterator[OfCategory]:
    own = [cost for cost in costs if cost.currency == currency]
    for category in CostCategory:
        lines = [cost for cost in own if cost.category == category]
        if not lines:
            continue
        sums = {kind: sum((c.amount for c in lines if c.kind == kind), Decimal(0)) for kind in CostKind}
        running = sum(_best(cost for cost in lines if cost.running).values(), Decimal(0))
        once = sum(_best(cost for cost in lines if not cost.running).values(), Decimal(0))
        yield OfCategory(
            category.label, sums[CostKind.PLANNED], sums[CostKind.COMMITTED], sums[CostKind.ACTUAL], once, running
        )


def _best(costs: Iterable[CostLine]) -> dict[date, Decimal]:
    return value.best_known([value.Cost(cost.month, cost.category, cost.kind, cost.amount) for cost in costs])


def _chart(currency: str, worth: value.Worth) -> Chart:
    """The running total of what it brings less what it costs."""
    nets = [float(month.net) for month in worth.months]
    totals = list(accumulate(nets))
    if not worth.cost:
        summary = "No cost is recorded yet: there is nothing to pay back."
    elif worth.payback:
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


def sharable(use_case: UseCase, user: User) -> "QuerySet[Benefit]":
    """The benefits of other use cases that this person sees, stated there with their figures."""
    seen = UseCase.objects.active().visible_to(user).exclude(pk=use_case.pk)
    rows = Benefit.objects.filter(use_case__in=seen, voided_at=None, same_as=None)
    return rows.select_related("use_case").order_by("metric", "use_case__ref")


def _twins(stated: Sequence[Benefit], use_case: UseCase, user: User) -> dict[int, tuple[Benefit, ...]]:
    """Benefits of other use cases with the metric, unit of measure and period of one of STATED; one query."""
    own: dict[tuple[str, str, str], int] = {_sort_of(one): one.pk for one in stated if one.same_as_id is None}
    if not own:
        return {}
    alike = reduce(or_, (Q(metric__iexact=m, uom__iexact=u, period=p) for m, u, p in own))
    found: dict[int, list[Benefit]] = {}
    for other in sharable(use_case, user).filter(alike)[:50]:
        if key := own.get(_sort_of(other)):
            found.setdefault(key, []).append(other)
    return {key: tuple(others) for key, others in found.items()}


def _sort_of(benefit: Benefit) -> tuple[str, str, str]:
    return benefit.metric.strip().lower(), benefit.uom.strip().lower(), benefit.period


def _line(benefit: Benefit, twins: tuple[Benefit, ...]) -> BenefitLine:
    whole = benefit.same_as or benefit
    given: Decimal = getattr(benefit, "given", None) or Decimal(0)
    share = (benefit.share or Decimal(0)) if benefit.same_as else 100 - given
    reached = whole.value if whole.state in _MEASURED else whole.target
    gained = value.improvement(whole.baseline, reached, lower_is_better=whole.lower_is_better)
    money = None if gained is None or whole.worth is None else gained * whole.worth * share / 100
    return BenefitLine(benefit, gained, money, whole, share, twins)


def _worth(
    use_case: UseCase, currency: str, costs: tuple[CostLine, ...], benefits: tuple[BenefitLine, ...]
) -> value.Worth:
    started = (use_case.stage_since or use_case.registered_at).date()
    return value.worth(
        [value.Cost(c.month, c.category, c.kind, c.amount) for c in costs if c.currency == currency],
        [
            value.Gain(line.whole.starts_on or started, line.whole.period, line.money)
            for line in benefits
            if line.money is not None
        ],
    )
