"""Numbers to positions: ticks, ranges, and how wide a text will be."""

from collections.abc import Iterable
from functools import lru_cache
from math import ceil, floor, log10

_STEPS = (1, 2, 2.5, 5, 10)
_NARROW = frozenset("fijlrt.,:;'|!()[]I1 ")
_WIDE = frozenset("mwMW%@QOG&")


class Scale:
    """A straight line from values to pixels."""

    def __init__(self, low: float, high: float, start: float, end: float) -> None:
        self.low, self.high, self.start, self.end = low, high if high > low else low + 1, start, end

    def __call__(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)


def ticks(low: float, high: float, about: int = 4) -> list[float]:
    """Round numbers that reach from at most LOW to at least HIGH."""
    if high <= low:
        high = low + 1
    raw = (high - low) / max(1, about)
    magnitude = 10 ** floor(log10(raw))
    step = magnitude * next(step for step in _STEPS if raw <= step * magnitude * (1 + 1e-9))
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    return [round(step * index, 10) for index in range(first, max(last, first + 1) + 1)]


def limits(values: Iterable[float | None], low: float | None, high: float | None) -> tuple[float, float]:
    """The range of the values, with zero in it unless the axis says otherwise."""
    known = [value for value in values if value is not None] or [0]
    return (min(0, *known) if low is None else low, max(0, *known) if high is None else high)


@lru_cache(maxsize=4096)
def text_width(text: object, size: float = 12) -> float:
    """About how many pixels a text takes in Inter."""
    return size * sum(
        0.3 if letter in _NARROW else 0.86 if letter in _WIDE else 0.65 if letter.isupper() else 0.57
        for letter in str(text)
    )


def number(value: float) -> str:
    """1,234, 12 or 12.5, as axes and labels write it."""
    size = abs(value)
    if size >= 1000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if float(value).is_integer() or size >= 100 else f"{value:.2f}".rstrip("0").rstrip(".")


def coordinate(value: float) -> str:
    """A position with one decimal at most: small files."""
    return f"{value:.1f}".removesuffix(".0")
