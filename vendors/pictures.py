"""The charts of the vendor pages."""

from collections.abc import Sequence

from caio_portal.common.charts import Axis, Chart, Series
from vendors.criteria import Criteria
from vendors.models import Scorecard, Vendor

COLOURS = {"performance": "viz-1", "security": "viz-2", "roadmap": "viz-3", "cost": "viz-4"}


def history_of(vendor: Vendor, cards: Sequence[Scorecard], criteria: Criteria) -> Chart | None:
    """The total and the dimensions by quarter; nothing to draw before the second scorecard."""
    if len(cards) < 2:
        return None
    quarters = [f"{card.quarter[4:]} {card.quarter[2:4]}" for card in cards]
    dimensions = [
        Series(
            name=dimension.title, x=quarters, y=[_float(getattr(card, dimension.key)) for card in cards],
            color=COLOURS[dimension.key], dashed=True,
        )
        for dimension in criteria.dimensions
    ]  # fmt: skip
    total = Series(name="Total", x=quarters, y=[_float(card.total) for card in cards], color="viz-6")
    return Chart(
        id="scorecards", kind="line", title="History", summary=_summary(vendor, cards), series=[total, *dimensions],
        y=Axis(low=0, high=100), target=float(criteria.bar), target_label=f"Bar {criteria.bar}", row_head="Quarter",
        height=260, source=f"Scorecards of {vendor.name}, criteria {cards[-1].criteria_version}.",
    )  # fmt: skip


def _summary(vendor: Vendor, cards: Sequence[Scorecard]) -> str:
    known = [card for card in cards if card.total is not None]
    if len(known) < 2:
        return f"{vendor.name} has one total so far." if known else f"{vendor.name} has no total yet."
    first, last = known[0], known[-1]
    assert first.total is not None
    assert last.total is not None
    went = "stayed at" if last.total == first.total else "rose to" if last.total > first.total else "fell to"
    return f"The total {went} {last.total:.0f} in {last.quarter} from {first.total:.0f} in {first.quarter}."


def _float(value: object) -> float | None:
    return None if value is None else float(str(value))
