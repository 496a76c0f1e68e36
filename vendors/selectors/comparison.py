"""Vendors beside each other on the same criteria."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from caio_portal.common.parts import HeatCell
from vendors import criteria
from vendors.models import Scorecard, Vendor
from vendors.selectors.scores import cell


@dataclass(frozen=True)
class ComparedRow:
    title: str
    detail: str
    cells: tuple[HeatCell, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Comparison:
    """Vendors beside each other on the same criteria."""

    quarter: str
    vendors: tuple[Vendor, ...]
    cards: tuple[Scorecard | None, ...]
    groups: tuple[tuple[str, tuple[ComparedRow, ...]], ...]


def comparison(vendors: list[Vendor], quarter: str) -> Comparison:
    found = {card.vendor_id: card for card in Scorecard.objects.filter(vendor__in=vendors, quarter=quarter)}
    cards = [found.get(vendor.pk) for vendor in vendors]
    lines = [{line["criterion"]: line for line in card.lines} if card else {} for card in cards]
    current = criteria.current()
    groups = []
    for dimension in current.dimensions:
        head = ComparedRow(
            dimension.title, f"{dimension.weight}% of the total",
            tuple(cell(current, getattr(card, dimension.key) if card else None) for card in cards), ("",) * len(cards),
        )  # fmt: skip
        own = [_compared(current, criterion, lines) for criterion in current.of(dimension.key)]
        groups.append((dimension.title, (head, *own)))
    return Comparison(quarter, tuple(vendors), tuple(cards), tuple(groups))


def _compared(current: criteria.Criteria, criterion: criteria.Criterion, lines: list[dict[str, Any]]) -> ComparedRow:
    cells_, notes = [], []
    for known in lines:
        line = known.get(criterion.key)
        score = Decimal(line["score"]) * 20 if line and line["score"] is not None else None
        cells_.append(cell(current, score))
        notes.append(line["source"] if line else "")
    return ComparedRow(criterion.title, f"{criterion.weight}%", tuple(cells_), tuple(notes))
