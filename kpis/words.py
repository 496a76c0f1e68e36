"""How values, targets and changes of a KPI read."""

from decimal import Decimal

from caio_portal.common import words
from kpis.catalogue import Kpi
from kpis.months import Window
from kpis.status import Bands
from kpis.values import Formula, Sums, poisson, wilson

_UNITS = {"days": "days", "business_days": "business days", "hours": "hours", "points": "points", "score": ""}


def value(kpi: Kpi, amount: Decimal | None, *, short: bool = False) -> str:
    """92.4%, $0.0412, 11 business days, −3.1 percentage points; a dash without a value."""
    if amount is None:
        return words.NONE
    number = _number(kpi, amount)
    if kpi.uom == "money":
        return f"−${number[1:]}" if number.startswith("−") else f"${number}"
    if kpi.uom == "percent":
        return f"{number}%"
    label = "points" if kpi.uom == "percentage_points" else kpi.unit_label or _UNITS.get(kpi.uom, "")
    return number if short or not label else f"{number} {_singular(label, number)}"


def value_of_money(amount: Decimal | None) -> str:
    """$61.4M: an amount in the currency of the cost feeds."""
    return words.money(amount, short=True)


def made_of(kpi: Kpi, sums: Sums) -> str:
    """$61,412 / 1,204,310; 96 business days / 12; 90 / 100: numerator and denominator with what they count."""
    of = f" / {words.number(sums.den)}" if sums.den else ""
    if kpi.formula in (Formula.MEAN, Formula.PERCENTILE):
        number = words.number(sums.num)
        return f"{number} {_singular(unit(kpi), number)}".strip() + (of or f" / {words.number(sums.n)}")
    num, den = (
        words.money(amount) if is_money else words.number(amount)
        for amount, is_money in zip((sums.num, sums.den), kpi.money, strict=True)
    )
    return f"{num} / {den}" if sums.den else num


def share(part: Decimal) -> str:
    """61%: never rounded up to all of them."""
    return f"{int(part * 100)}%" if 0 < part < 1 and part > Decimal("0.99") else f"{part * 100:.0f}%"


def lasting(kpi: Kpi, amount: Decimal) -> str:
    """3 business days, 12 hours: a duration in the unit of the KPI."""
    number = words.number(round(amount, 1))
    return f"{number} {_singular(unit(kpi), number)}".strip()


def interval(kpi: Kpi, sums: Sums) -> str:
    """90% to 97% with 95% confidence: how far a share of a sample, or a rate of rare events, can be trusted."""
    if (bounds := _bounds(kpi, sums)) is None:
        return ""
    low, high = value(kpi, bounds[0], short=True), value(kpi, bounds[1])
    return f"{low} to {high} with 95% confidence"


def margin(amount: Decimal | None, opinions: Decimal | None, n: int) -> str:
    """±9.8 points with 95% confidence: of a net promoter score, from the percentage of those who are not passive.

    Source: the variance of a difference of two shares of one sample, (p + d - (p - d)^2) / n; z = 1.96.
    """
    if amount is None or opinions is None or not n:
        return ""
    variance = max(Decimal(0), opinions / 100 - (amount / 100) ** 2) / n
    return f"±{196 * variance.sqrt():.1f} points with 95% confidence"


def answers(amount: Decimal | None, opinions: Decimal | None) -> str:
    """44% promoters, 45% passive, 11% detractors: from a net promoter score and the percentage of the not passive."""
    if amount is None or opinions is None:
        return "–"
    promoters, detractors = (opinions + amount) / 2, (opinions - amount) / 2
    return f"{promoters:.0f}% promoters, {100 - opinions:.0f}% passive, {detractors:.0f}% detractors"


def per_million(sums: Sums, exposure: Decimal) -> tuple[str, str]:
    """3.1 and 1.0 to 7.2 with 95% confidence: rare events for a million of what they may happen in."""
    if not exposure or (bounds := poisson(sums.num, exposure)) is None:
        return "", ""
    rate, low, high = (f"{each * 1_000_000:,.2f}" for each in (sums.num / exposure, *bounds))
    return rate, f"{low} to {high} with 95% confidence"


def confidence(kpi: Kpi, sums: Sums) -> str:
    """±1.4 points of 1,204; of 13: how large the sample is and, of a share, how far it can be trusted."""
    if not sums.n:
        return ""
    bounds = _bounds(kpi, sums)
    if bounds is None:
        return f"of {words.number(sums.n)}"
    half = (bounds[1] - bounds[0]) / 2
    return f"±{'<0.1' if half < Decimal('0.05') else f'{half:.1f}'} of {words.number(sums.n)}"


def _bounds(kpi: Kpi, sums: Sums) -> tuple[Decimal, Decimal] | None:
    """The 95 % interval in the unit of the KPI; a snapshot of everything is no sample."""
    if kpi.formula is not Formula.RATIO or kpi.window is Window.SNAPSHOT:
        return None
    how = {"percent": wilson, "per_1000": wilson, "per_100": poisson}.get(kpi.uom)
    found = how(sums.num, sums.den) if how else None
    return None if found is None else (found[0] * kpi.scale, found[1] * kpi.scale)


def unit(kpi: Kpi) -> str:
    """What the number counts, to stand beside a short value."""
    if kpi.uom in ("percent", "money"):
        return ""
    return "percentage points" if kpi.uom == "percentage_points" else kpi.unit_label or _UNITS.get(kpi.uom, "")


def target(kpi: Kpi, bands: Bands) -> str:
    """at least 95%, at most 10 business days, −5% to 5%."""
    if bands.low is not None and bands.high is not None:
        return f"{value(kpi, bands.low, short=True)} to {value(kpi, bands.high, short=True)}"
    if bands.low is not None:
        return "all" if kpi.uom == "percent" and bands.low == 100 else f"at least {value(kpi, bands.low)}"
    return f"at most {value(kpi, bands.high)}"


def change(kpi: Kpi, before: Decimal | None, after: Decimal | None) -> str:
    """+2.1 points: by how much the value moved; percentages move by points."""
    if before is None or after is None:
        return ""
    moved = after - before
    number = _number(kpi, abs(moved))
    if not Decimal(number.replace(",", "").lstrip("−+") or 0):
        return "No change"
    sign = "+" if moved > 0 else "−"
    if kpi.uom == "money":
        return f"{sign}${number.lstrip('+')}"
    label = (
        "points" if kpi.uom in ("percent", "percentage_points", "points") else _UNITS.get(kpi.uom, "").split(" ")[-1]
    )
    return f"{sign}{number.lstrip('+')} {_singular(label, number)}".strip()


def _number(kpi: Kpi, amount: Decimal) -> str:
    """As many decimals as the KPI shows, without needless zeros; never rounded up to a target that is not met."""
    is_cents = kpi.uom == "money" and (not amount or abs(amount) >= 1)  # parts of a cent matter only below a dollar
    text = f"{abs(amount):,.{2 if is_cents else kpi.decimals}f}"
    if "." in text and kpi.uom != "money":
        text = text.rstrip("0").rstrip(".")
    nearly_all = kpi.uom == "percent" and kpi.formula == "ratio" and text == "100" and amount < 100
    if nearly_all:
        text = "99.99" if kpi.decimals > 1 else "99.9"
    sign = "−" if amount < 0 and text.strip("0.") else "+" if kpi.signed and amount > 0 else ""
    return sign + text


def _singular(label: str, number: str) -> str:
    """1 day, but 1 per 1,000 outputs."""
    is_one = number.lstrip("+−") == "1" and not label.startswith("per ")
    return label.removesuffix("s") if is_one else label
