"""What a use case is worth in money: pure functions over its months. Amounts are in one currency, never mixed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

CURRENCY = "USD"  # in which values of several use cases are compared and added up
HORIZON_MONTHS = 36
DISCOUNT_RATE = Decimal("0.08")  # a year, as a fraction
MONTHS_IN = {"month": 1, "quarter": 3, "year": 12}
_SURER_FIRST = ("actual", "committed", "planned")


@dataclass(frozen=True)
class Cost:
    """An amount that falls due in a month (its first day), for one category, of one kind."""

    month: date
    category: str
    kind: str
    amount: Decimal


@dataclass(frozen=True)
class Gain:
    """Money that a benefit brings in each period from the month in which it starts; `once` brings it in that month."""

    starts_on: date
    period: str
    amount: Decimal


@dataclass(frozen=True)
class Month:
    """What one month costs and brings."""

    month: date
    cost: Decimal
    gain: Decimal

    @property
    def net(self) -> Decimal:
        return self.gain - self.cost


@dataclass(frozen=True)
class Worth:
    """The result for one currency: totals over the horizon, ROI as a fraction, the payback month, the NPV."""

    months: tuple[Month, ...]
    cost: Decimal
    gain: Decimal
    roi: Decimal | None
    payback: date | None
    npv: Decimal


def add_months(day: date, months: int) -> date:
    """The first day of the month that lies so many months after DAY's."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, 1)


def months_between(first: date, last: date) -> int:
    """How many months LAST lies after FIRST, days ignored."""
    return (last.year - first.year) * 12 + last.month - first.month


def improvement(baseline: Decimal | None, reached: Decimal | None, *, lower_is_better: bool = False) -> Decimal | None:
    """By how much the metric is better than its baseline, in its unit of measure; None while nothing is stated.

    Without a baseline the figure is taken as the improvement itself ("saves 30 hours").
    """
    if reached is None:
        return None
    if baseline is None:
        return reached
    return baseline - reached if lower_is_better else reached - baseline


def best_known(costs: Iterable[Cost]) -> dict[date, Decimal]:
    """The cost of each month: for each category what was paid, else what is committed, else what is planned."""
    sums: dict[tuple[date, str], dict[str, Decimal]] = {}
    for cost in costs:
        kinds = sums.setdefault((cost.month, cost.category), {})
        kinds[cost.kind] = kinds.get(cost.kind, Decimal(0)) + cost.amount
    months: dict[date, Decimal] = {}
    for (month, _category), kinds in sums.items():
        surest = next(kinds[kind] for kind in _SURER_FIRST if kind in kinds)
        months[month] = months.get(month, Decimal(0)) + surest
    return months


def gain_in(gain: Gain, month: date) -> Decimal:
    """What a benefit brings in one month: its amount spread evenly over the months of its period."""
    distance = months_between(gain.starts_on, month)
    if gain.period == "once":
        return gain.amount if distance == 0 else Decimal(0)
    return gain.amount / MONTHS_IN[gain.period] if distance >= 0 else Decimal(0)


def series(costs: Sequence[Cost], gains: Sequence[Gain], *, horizon: int = HORIZON_MONTHS) -> tuple[Month, ...]:
    """Month by month from the first cost or gain, for HORIZON months; empty without any."""
    starts = [cost.month for cost in costs] + [gain.starts_on for gain in gains]
    if not starts:
        return ()
    first, paid = min(starts), best_known(costs)
    months = (add_months(first, step) for step in range(horizon))
    return tuple(
        Month(month, paid.get(month, Decimal(0)), sum((gain_in(gain, month) for gain in gains), Decimal(0)))
        for month in months
    )


def roi(gain: Decimal, cost: Decimal) -> Decimal | None:
    """Return on investment as a fraction of the cost: (gain - cost) / cost; None without a cost."""
    return (gain - cost) / cost if cost else None


def payback(months: Sequence[Month]) -> date | None:
    """The first month from which the running total is never again below zero; None if there is none.

    A series that costs nothing has nothing to pay back.
    """
    if not any(month.cost for month in months):
        return None
    total, since = Decimal(0), None
    for month in months:
        total += month.net
        since = None if total < 0 else since or month.month
    return since


def npv(months: Sequence[Month], *, rate: Decimal = DISCOUNT_RATE) -> Decimal:
    """Net present value at the first month: each month's net / (1 + RATE a year) ** (months since / 12)."""
    yearly = Decimal(1) + rate
    return sum((month.net / yearly ** (Decimal(step) / 12) for step, month in enumerate(months)), Decimal(0))


def worth(costs: Sequence[Cost], gains: Sequence[Gain], *, horizon: int = HORIZON_MONTHS) -> Worth:
    """Everything at once, over HORIZON months from the first cost or gain."""
    months = series(costs, gains, horizon=horizon)
    cost, gain = sum((m.cost for m in months), Decimal(0)), sum((m.gain for m in months), Decimal(0))
    return Worth(months, cost, gain, roi(gain, cost), payback(months), npv(months))
