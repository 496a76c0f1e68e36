"""What it would take to reach a target, in the things that a KPI counts."""

import math
from collections.abc import Callable
from decimal import Decimal

from caio_portal.common import words as plain
from kpis.catalogue import Kpi
from kpis.status import Bands
from kpis.values import Formula, Sums


def to_reach(kpi: Kpi, sums: Sums, amount: Decimal | None, bands: Bands) -> str:
    """2 more of 14 would reach the target; empty if it is reached, or if nothing that is counted leads there."""
    if amount is None or bands.distance(amount) == 0:
        return ""
    return _HOW[kpi.formula](kpi, sums, bands)


def _ratio(kpi: Kpi, sums: Sums, bands: Bands) -> str:
    if kpi.uom == "money":
        return _cheaper(kpi, sums, bands)
    if kpi.uom == "score" or not sums.den:
        return ""
    if bands.low is not None:
        missing = math.ceil(bands.low / kpi.scale * sums.den - sums.num)
        if kpi.uom == "points":
            who = f"{missing:,} more promoters, or as many fewer detractors, among {sums.den:,.0f}"
            return f"{who} would reach the target."
        return f"{missing:,} more of {sums.den:,.0f} would reach the target."
    surplus = math.ceil(sums.num - (bands.high or Decimal(0)) / kpi.scale * sums.den)
    return f"{surplus:,} fewer of {sums.num:,.0f} would reach the target."


def _cheaper(kpi: Kpi, sums: Sums, bands: Bands) -> str:
    """Less cost for as much done, or more done for the same cost."""
    if bands.high is None or not bands.high or not sums.den:
        return ""
    surplus, needed = sums.num - bands.high * sums.den / kpi.scale, math.ceil(sums.num * kpi.scale / bands.high)
    return (
        f"{plain.money(surplus, short=True)} less, or {needed - sums.den:,.0f} more for the same cost, would reach the "
        "target."
    )


def _mean(kpi: Kpi, sums: Sums, bands: Bands) -> str:
    if bands.high is None:
        return ""
    surplus = math.ceil(sums.num - bands.high / kpi.scale * sums.n)
    return f"{surplus:,} fewer hours over {plain.plural(sums.n, 'case')} would reach the target."


def _percentile(kpi: Kpi, sums: Sums, bands: Bands) -> str:
    """How many of the records that took too long would have had to be quicker."""
    if bands.high is None:
        return ""
    count = sum(number for _, number in sums.hist)
    quick = sum(number for day, number in sums.hist if day <= bands.high)
    needed = math.floor(Decimal(kpi.percentile * (count - 1)) / 100) + 1
    if kpi.percentile * (count - 1) % 100:  # the value lies between two records: both have to be quick
        needed += 1
    if needed <= quick:
        return ""
    return f"{needed - quick:,} more of {count:,} within {bands.high.normalize():f} days would reach the target."


def _difference(kpi: Kpi, sums: Sums, bands: Bands) -> str:
    """By how much money the numerator misses the bound that is nearest."""
    if not sums.den:
        return ""
    amount = (sums.num - sums.den) / sums.den * kpi.scale
    too_little = bands.low is not None and amount < bands.low
    bound = bands.low if too_little else bands.high
    wanted = sums.den * (1 + (bound or Decimal(0)) / kpi.scale)
    change = "more" if too_little else "less"
    return f"{plain.money(abs(wanted - sums.num), short=True)} {change} would reach the target."


def _nothing(kpi: Kpi, sums: Sums, bands: Bands) -> str:
    return ""


_HOW: dict[Formula, Callable[[Kpi, Sums, Bands], str]] = {
    Formula.RATIO: _ratio,
    Formula.MEAN: _mean,
    Formula.PERCENTILE: _percentile,
    Formula.RELATIVE_DIFFERENCE: _difference,
    Formula.DIFFERENCE_OF_RATIOS: _nothing,
    Formula.SUM: _nothing,
}
