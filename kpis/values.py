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


@dataclass(frozen=True, slots=True)
class Sums:
    """What is stored of a KPI for a scope and month; `hist[i]` counts records of i whole days."""

    num: Decimal = ZERO
    den: Decimal = ZERO
    n: int = 0
    hist: tuple[int, ...] = ()

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(self.num + other.num, self.den + other.den, self.n + other.n, add_counts(self.hist, other.hist))


def add_counts(left: tuple[int, ...], right: tuple[int, ...]) -> tuple[int, ...]:
    """Add two histograms element by element; the shorter one ends in zeros."""
    if len(left) < len(right):
        left, right = right, left
    return tuple(count + (right[i] if i < len(right) else 0) for i, count in enumerate(left))


def total(parts: Iterable[Sums]) -> Sums:
    result = Sums()
    for part in parts:
        result += part
    return result


def percentile(hist: tuple[int, ...], percent: int) -> Decimal | None:
    """The percentile of whole days, interpolated between neighbours (as PostgreSQL's percentile_cont)."""
    count = sum(hist)
    if not count:
        return None
    below, remainder = divmod(percent * (count - 1), 100)
    left = _nth(hist, below)
    right = _nth(hist, below + 1) if remainder else left
    return left + (right - left) * Decimal(remainder) / 100


def _nth(hist: tuple[int, ...], position: int) -> Decimal:
    """The day of the record at this place, counted from 0 in ascending order."""
    seen = 0
    for day, count in enumerate(hist):
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
