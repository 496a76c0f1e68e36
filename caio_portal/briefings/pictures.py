"""The charts of a briefing, each drawn from its snapshot alone."""

from collections.abc import Sequence
from decimal import Decimal

from caio_portal.briefings.snapshot.schema import Snapshot, UseCaseLine
from caio_portal.common import words
from caio_portal.common.charts import Axis, Chart, Series
from caio_portal.common.charts.spec import Marker

HIGH = 3  # the first tier that the council decides on
NAMED = 5
_MARKERS: dict[int, Marker] = {0: "circle", 1: "circle", 2: "square", 3: "diamond", 4: "triangle", 5: "hatched"}


def value_and_risk(snapshot: Snapshot) -> Chart:
    """Yearly value against residual risk, of what is in production."""
    points = [p for p in snapshot.portfolio.points if p.value is not None and p.residual is not None]
    labels = {tier.tier: tier.label for tier in snapshot.portfolio.tiers}
    groups: dict[int, list[UseCaseLine]] = {}
    for point in points:
        groups.setdefault(point.tier or 0, []).append(point)
    outside = {breach.ref for breach in snapshot.risk.breaches}
    appetite = snapshot.risk.appetites.get(HIGH)
    return Chart(
        id="value-and-risk", kind="bubble", title="Value against residual risk",
        summary=_value_and_risk_words(snapshot, len(points), [point for point in points if point.ref in outside]),
        series=[_bubbles(tier, labels.get(tier, f"Tier {tier}"), groups[tier]) for tier in sorted(groups)],
        x=Axis(title="Residual risk (likelihood × impact)", low=0, high=25),
        y=Axis(title="Value a year", low=0, prefix=_sign(snapshot), unit="M"),
        size=Axis(title="Cost a year", prefix=_sign(snapshot), unit="M"),
        zone_from=appetite + 0.5 if appetite else None,
        zone_label=f"Above the appetite of {labels.get(HIGH, 'tier 3').lower()}" if appetite else "",
        row_head="Use case", height=330, source=snapshot.portfolio.source,
    )  # fmt: skip


def _value_and_risk_words(snapshot: Snapshot, count: int, beyond: list[UseCaseLine]) -> str:
    """How many there are, and which of them lie outside the appetite, the most valuable first."""
    first = f"{words.plural(count, 'use case')} in production with a known value."
    if not beyond:
        return f"{first} None lies outside the appetite of its tier."
    beyond = sorted(beyond, key=lambda point: -(point.value or 0))
    names = [point.title for point in beyond[:NAMED]]
    if len(beyond) > NAMED:
        names.append(f"{len(beyond) - NAMED} more")
    said = f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
    value = words.money(sum((point.value or Decimal(0) for point in beyond), Decimal(0)), snapshot.currency, short=True)
    lie = "lies" if len(beyond) == 1 else "lie"
    together = "It brings" if len(beyond) == 1 else "Together they bring"
    return (
        f"{first} {words.small(len(beyond)).capitalize()} {lie} outside the appetite of the tier: {said}. "
        f"{together} {value} a year."
    )


def _bubbles(tier: int, label: str, points: Sequence[UseCaseLine]) -> Series:
    return Series(
        name=label, x=[float(point.residual or 0) for point in points], y=[_millions(point.value) for point in points],
        sizes=[max(_millions(point.cost), 0.02) for point in points], labels=[point.title for point in points],
        color=f"tier-{tier}" if tier else "viz-6", marker=_MARKERS[tier],
    )  # fmt: skip


def tiers_over_time(snapshot: Snapshot) -> Chart:
    """How many use cases there were in each tier at the end of each quarter."""
    history = snapshot.portfolio.history
    labels = {tier.tier: tier.label for tier in snapshot.portfolio.tiers}
    seen = sorted({tier for quarter in history for tier, count in quarter.counts.items() if count})
    first, last = (sum(quarter.counts.values()) for quarter in (history[0], history[-1])) if history else (0, 0)
    return Chart(
        id="tiers", kind="stack", title="Use cases by tier",
        summary=_tier_words(first, last, len(history), [_grave(quarter.counts) for quarter in history]),
        series=[
            Series(
                name=labels.get(tier, f"Tier {tier}"), x=[_short(quarter.quarter) for quarter in history],
                y=[float(quarter.counts.get(tier, 0)) for quarter in history],
                color=f"tier-{tier}" if tier else "viz-6", marker=_MARKERS[tier],
            )
            for tier in seen
        ],
        y=Axis(low=0), row_head="Quarter", height=230, source="Register of use cases, as tiered at each quarter's end",
    )  # fmt: skip


def _grave(counts: dict[int, int]) -> int:
    return sum(count for tier, count in counts.items() if tier >= HIGH)


def _tier_words(first: int, last: int, quarters: int, grave: list[int]) -> str:
    if not last:
        return "No use case has been registered yet."
    cases, span = words.plural(last, "use case"), words.small(quarters)
    said = f"The register {_went(first, last)} from {first} to {cases} in {span} quarters."
    return f"{said} Those of tier {HIGH} and above {_went(grave[0], grave[-1])} from {grave[0]} to {grave[-1]}."


def _went(before: float, after: float) -> str:
    return "grew" if after > before else "fell" if after < before else "stayed, going"


def incidents_over_time(snapshot: Snapshot) -> Chart:
    months = snapshot.incidents.months
    total = sum(month.incidents for month in months)
    misses = sum(month.near_misses for month in months)
    most = max([4, *(month.incidents for month in months), *(month.near_misses for month in months)])  # whole steps
    names = [f"{month.month:%b %y}" for month in months]
    return Chart(
        id="incidents", kind="line", title="Incidents and near misses",
        summary=f"{words.plural(total, 'incident')} and {words.plural(misses, 'near miss', 'near misses')} "
        f"were detected in {words.plural(len(months), 'month')}.",
        series=[
            Series(name="Incidents", x=names, y=[float(month.incidents) for month in months], color="viz-2"),
            Series(
                name="Near misses", x=names, y=[float(month.near_misses) for month in months], color="viz-3",
                dashed=True,
            ),
        ],
        y=Axis(low=0, high=most), row_head="Month", height=190, source=snapshot.incidents.source,
    )  # fmt: skip


def budget_over_time(snapshot: Snapshot) -> Chart:
    """Cumulative spend against cumulative plan, within the year."""
    months = snapshot.budget.months
    planned, actual = _running([month.planned for month in months]), _running([month.actual for month in months])
    known = [value for value in actual if value is not None]
    names = [f"{month.month:%b}" for month in months]
    axis = Axis(low=0, prefix=_sign(snapshot), unit="M")
    spent, aim = (known[-1], planned[len(known) - 1] or 0) if known else (0, 0)
    said = f"{axis.words(round(spent, 1))} spent against {axis.words(round(aim, 1))} planned to date."
    if not known:
        said = "Nothing has been spent yet."
    elif not aim:
        said = f"{axis.words(round(spent, 1))} spent to date; no budget has been planned."
    return Chart(
        id="budget", kind="line", title="Spend against plan, cumulative", summary=said,
        series=[
            Series(name="Actual", x=names, y=actual, color="viz-1", area=True),
            Series(name="Plan", x=names, y=planned, color="viz-2", dashed=True),
        ],
        y=axis, row_head="Month", height=230, source=snapshot.budget.source,
    )  # fmt: skip


def vendors_by_total(snapshot: Snapshot) -> Chart:
    lines = [line for line in snapshot.vendors.vendors if line.total is not None]
    low = sum(line.total is not None and line.total < snapshot.vendors.bar for line in lines)
    return Chart(
        id="vendors", kind="bars", title="Total score by vendor",
        summary=f"{low} of {words.plural(len(lines), 'vendor')} {'lies' if low == 1 else 'lie'} below the bar of "
        f"{snapshot.vendors.bar}.",
        series=[Series(name="Total", x=[line.name for line in lines], y=[float(line.total or 0) for line in lines])],
        x=Axis(low=0, high=100), target=float(snapshot.vendors.bar), target_label=f"Bar {snapshot.vendors.bar}",
        row_head="Vendor", height=40 + 22 * len(lines), source=snapshot.vendors.source,
    )  # fmt: skip


def _running(values: Sequence[Decimal | None]) -> list[float | None]:
    total = Decimal(0)
    found: list[float | None] = []
    for value in values:
        if value is None:
            found.append(None)
            continue
        total += value
        found.append(round(float(total) / 1e6, 3))
    return found


def _millions(value: Decimal | None) -> float:
    return round(float(value or 0) / 1e6, 3)


def _sign(snapshot: Snapshot) -> str:
    return "$" if snapshot.currency == "USD" else ""


def _short(quarter: str) -> str:
    return f"{quarter[4:]} {quarter[2:4]}"
