"""Where spending is heading: by its run rate and by its trend, and the day on which the money is gone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from statistics import median

from caio_portal.common import clock
from kpis import months
from kpis.selectors.budget import Budget
from kpis.status import Status, status

ZERO = Decimal(0)
RATE_MONTHS, TREND_MONTHS = 3, 6
NORMAL = Decimal("1.4826")  # makes the median deviation of normal figures their standard deviation


@dataclass(frozen=True, slots=True)
class Outlook:
    """A quarter's spending to its end. Months that are not over count with what they will be."""

    budget: Budget
    expected: tuple[tuple[date, Decimal], ...]  # the quarter by month, by the run rate; known months as they are
    run_rate: Decimal | None
    trend: Decimal | None
    gone_on: date | None  # the day on which what is planned for the quarter is used up

    @property
    def low(self) -> Decimal | None:
        return min((each for each in (self.run_rate, self.trend) if each is not None), default=None)

    @property
    def high(self) -> Decimal | None:
        return max((each for each in (self.run_rate, self.trend) if each is not None), default=None)

    @property
    def variance(self) -> Decimal | None:
        """How far the run rate leads from the plan, in percent."""
        if self.run_rate is None or not self.budget.planned:
            return None
        return (self.run_rate - self.budget.planned) / self.budget.planned * 100

    @property
    def status(self) -> Status:
        return status(self.variance, self.budget.bands, 1)


def outlook(budget: Budget) -> Outlook:
    """From a budget that was read before; no queries."""
    this = months.first(clock.today())
    over = [row for row in budget.year if row.actual is not None and row.month < this]
    known = [row.actual or ZERO for row in over]
    if not known:
        return Outlook(budget, (), None, None, None)
    rate = sum(known[-RATE_MONTHS:], ZERO) / len(known[-RATE_MONTHS:])
    by_rate = tuple((row.month, expected(row.month, row.actual, this, rate)) for row in budget.months)
    line = _line(known[-TREND_MONTHS:])
    ahead = {row.month: _months_after(over[-1].month, row.month) for row in budget.months}
    by_trend = sum((expected(row.month, row.actual, this, line(ahead[row.month])) for row in budget.months), ZERO)
    trend = by_trend if len(known) >= RATE_MONTHS else None
    run_rate = sum((amount for _, amount in by_rate), ZERO)
    return Outlook(budget, by_rate, run_rate, trend, _gone_on(by_rate, budget.planned))


def expected(month: date, actual: Decimal | None, this: date, rate: Decimal) -> Decimal:
    """What a month comes to: as it is when it is over; else what is known of it, or the rate if that is more."""
    if month < this and actual is not None:
        return actual
    return max(actual or ZERO, rate)


def _line(values: Sequence[Decimal]) -> "_Line":
    return _Line(tuple(values))


@dataclass(frozen=True, slots=True)
class _Line:
    """A straight line through values one month apart (least squares), never below zero."""

    values: tuple[Decimal, ...]

    def __call__(self, ahead: int) -> Decimal:
        """The value so many months after the last one."""
        n = len(self.values)
        middle, mean = Decimal(n - 1) / 2, sum(self.values, ZERO) / n
        spread = sum(((place - middle) ** 2 for place in range(n)), ZERO)
        moved = sum(((place - middle) * (value - mean) for place, value in enumerate(self.values)), ZERO)
        slope = moved / spread if spread else ZERO
        return max(ZERO, mean + slope * (n - 1 + ahead - middle))


def _months_after(start: date, end: date) -> int:
    return (end.year - start.year) * 12 + end.month - start.month


def _gone_on(expected: Sequence[tuple[date, Decimal]], planned: Decimal) -> date | None:
    """The day on which the expected months have used up the plan, each spent evenly; None within the quarter."""
    if not planned:
        return None
    left = planned
    for month, amount in expected:
        if amount > left:
            days = (months.last(month) - month).days + 1
            return month + timedelta(days=int(days * left / amount))
        left -= amount
    return None


def is_spike(history: Sequence[Decimal], newest: Decimal) -> bool:
    """Whether an amount stands out from those before it: half as much again as usual, and beyond their scatter."""
    usual = median(history)
    scatter = median(abs(amount - usual) for amount in history) * NORMAL
    return usual > 0 and newest > usual + max(4 * scatter, usual / 2)
