"""From sums to the value that people read. Sums are added first, divided last: ratios are never averaged."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

ZERO = Decimal(0)


class Formula(StrEnum):
    RATIO = "ratio"
    RELATIVE_DIFFERENCE = "relative_difference"
    DIFFERENCE_OF_RATIOS = "difference_of_ratios"
    MEAN = "mean"
    PERCENTILE = "percentile"
    SUM = "sum"


Histogram = tuple[tuple[int, int], ...]  # whole days and how many records took so many, ascending


@dataclass(frozen=True, slots=True)
class Sums:
    """What a KPI is made of for a scope and month."""

    num: Decimal = ZERO
    den: Decimal = ZERO
    n: int = 0
    hist: Histogram = ()

    def __add__(self, other: "Sums") -> "Sums":
        return total((self, other))


def total(parts: Iterable[Sums]) -> Sums:
    """All of them added up, histograms day by day."""
    num, den, n = ZERO, ZERO, 0
    counts: dict[int, int] = {}
    for part in parts:
        num, den, n = num + part.num, den + part.den, n + part.n
        for day, count in part.hist:
            counts[day] = counts.get(day, 0) + count
    return Sums(num, den, n, tuple(sorted(counts.items())))


def histogram(counts: Iterable[int]) -> Histogram:
    """From counts by day, as they are stored: [0, 3, 0, 1] becomes ((1, 3), (3, 1))."""
    return tuple((day, count) for day, count in enumerate(counts) if count)


def percentile(hist: Histogram, percent: int) -> Decimal | None:
    """The percentile of whole days, interpolated between neighbours (as PostgreSQL's percentile_cont)."""
    count = sum(number for _, number in hist)
    if not count:
        return None
    below, remainder = divmod(percent * (count - 1), 100)
    left = _nth(hist, below)
    right = _nth(hist, below + 1) if remainder else left
    return left + (right - left) * Decimal(remainder) / 100


def _nth(hist: Histogram, position: int) -> Decimal:
    """The day of the record at this place, counted from 0 in ascending order."""
    seen = 0
    for day, count in hist:
        seen += count
        if seen > position:
            return Decimal(day)
    raise IndexError(position)


def value(
    formula: Formula, sums: Sums, *, scale: int = 1, percent: int = 50, control: Sums | None = None
) -> Decimal | None:
    """The unrounded value in the KPI's unit, or None when there is nothing to divide by."""
    if formula is Formula.PERCENTILE:
        return percentile(sums.hist, percent)
    if formula is Formula.SUM:
        return sums.num * scale if sums.n else None
    if formula is Formula.MEAN:
        return sums.num / sums.n * scale if sums.n else None
    return _quotient(formula, sums, scale, control)


def _quotient(formula: Formula, sums: Sums, scale: int, control: Sums | None) -> Decimal | None:
    if not sums.den:
        return None
    if formula is Formula.RELATIVE_DIFFERENCE:
        return (sums.num - sums.den) / sums.den * scale
    if formula is Formula.DIFFERENCE_OF_RATIOS:
        if control is None or not control.den:
            return None
        return (sums.num / sums.den - control.num / control.den) * scale
    return sums.num / sums.den * scale


def poisson(count: Decimal, exposure: Decimal) -> tuple[Decimal, Decimal] | None:
    """The 95 % interval of a rate of rare events; None without exposure.

    Source: the approximation of the exact limits by E. B. Wilson and M. M. Hilferty, 1931; z = 1.96.
    """
    if not exposure or count < 0:
        return None
    z, more = Decimal("1.959964"), count + 1
    low = count * (1 - 1 / (9 * count) - z / (3 * count.sqrt())) ** 3 if count else ZERO
    high = more * (1 - 1 / (9 * more) + z / (3 * more.sqrt())) ** 3
    return max(ZERO, low) / exposure, high / exposure


def wilson(num: Decimal, den: Decimal) -> tuple[Decimal, Decimal] | None:
    """The 95 % interval of a share of counted things; None if they are not a share.

    Source: E. B. Wilson, Probable inference, 1927; z = 1.96.
    """
    if not den or not 0 <= num <= den:
        return None
    z = Decimal("1.959964")
    share = num / den
    middle = (share + z * z / (2 * den)) / (1 + z * z / den)
    half = z / (1 + z * z / den) * (share * (1 - share) / den + z * z / (4 * den * den)).sqrt()
    return max(ZERO, middle - half), min(Decimal(1), middle + half)
