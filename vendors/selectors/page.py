"""One vendor, and everything that is known about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import chain
from typing import Any

from caio_portal.accounts.models import User
from caio_portal.common import clock, words
from caio_portal.common.parts import HeatCell
from caio_portal.common.quarters import Quarter
from vendors import criteria, ports
from vendors.models import Advice, Assessment, Criticality, Product, Scorecard, Vendor
from vendors.selectors.contracts import NOTICE_SOON, ContractRow, contract_row
from vendors.selectors.scores import ADVICE_TONES, cell

HISTORY = 12  # quarters


@dataclass(frozen=True)
class CriterionRow:
    """One criterion on the vendor's page: how it counted."""

    key: str
    title: str
    question: str
    weight: int
    score: Decimal | None
    level: str
    source: str
    as_of: date | None
    counts: Decimal
    computed: bool

    @property
    def percent(self) -> int:
        return round(100 * self.counts)


@dataclass(frozen=True)
class DimensionRow:
    key: str
    title: str
    question: str
    weight: int
    value: Decimal | None
    cell: HeatCell
    criteria: tuple[CriterionRow, ...]


@dataclass(frozen=True)
class AssessmentRow:
    assessment: Assessment
    tone: str
    words: str


@dataclass(frozen=True)
class VendorPage:
    vendor: Vendor
    quarter: str
    quarters: tuple[str, ...]
    card: Scorecard | None
    advice_tone: str
    dimensions: tuple[DimensionRow, ...]
    history: tuple[Scorecard, ...]
    products: tuple[Product, ...]
    contracts: tuple[ContractRow, ...]
    assessments: tuple[AssessmentRow, ...]
    missing: tuple[str, ...]  # kinds of assessment that are required and not valid
    panels: tuple[ports.VendorPanel, ...]


def vendor_page(vendor: Vendor, user: User, wanted: str) -> VendorPage:
    """Everything about VENDOR, with the scorecard of the quarter WANTED (or the last one)."""
    history = list(vendor.scorecards.order_by("-quarter")[:HISTORY])
    quarter = wanted or (history[0].quarter if history else str(Quarter.of(clock.today())))
    card = next((card for card in history if card.quarter == quarter), None)
    assessments = list(vendor.assessments.select_related("file"))
    panels = sorted(chain.from_iterable(ports.vendor_panels.ask_all(vendor, user)), key=lambda panel: panel.position)
    return VendorPage(
        vendor=vendor, quarter=quarter, quarters=tuple(card.quarter for card in history), card=card,
        advice_tone=ADVICE_TONES[Advice(card.advice)] if card else "neutral",
        dimensions=_dimensions(card), history=tuple(reversed(history)),
        products=tuple(vendor.products.all()), contracts=tuple(contract_row(row) for row in vendor.contracts.all()),
        assessments=tuple(_assessment(row) for row in assessments), missing=_missing(vendor, assessments),
        panels=tuple(panels),
    )  # fmt: skip


def _dimensions(card: Scorecard | None) -> tuple[DimensionRow, ...]:
    current = criteria.current()
    lines = {line["criterion"]: line for line in card.lines} if card else {}
    rows = []
    for dimension in current.dimensions:
        value = getattr(card, dimension.key) if card else None
        own = tuple(_criterion(criterion, lines.get(criterion.key)) for criterion in current.of(dimension.key))
        rows.append(
            DimensionRow(
                key=dimension.key, title=dimension.title, question=dimension.question, weight=dimension.weight,
                value=value, cell=cell(current, value), criteria=own,
            )
        )  # fmt: skip
    return tuple(rows)


def _criterion(criterion: criteria.Criterion, line: dict[str, Any] | None) -> CriterionRow:
    score = Decimal(line["score"]) if line and line["score"] is not None else None
    whole = score is not None and criterion.levels and score == int(score)
    return CriterionRow(
        key=criterion.key, title=criterion.title, question=criterion.question, weight=criterion.weight, score=score,
        level=criterion.levels[int(score)] if whole and score is not None else "",
        source=line["source"] if line else "", as_of=_day(line["as_of"]) if line else None,
        counts=Decimal(line["counts"]) if line else Decimal(0), computed=bool(criterion.computed),
    )  # fmt: skip


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _assessment(assessment: Assessment) -> AssessmentRow:
    today = clock.today()
    if assessment.result == "failed":
        return AssessmentRow(assessment, "bad", "Failed")
    if assessment.valid_until < today:
        return AssessmentRow(assessment, "bad", f"Expired {words.ago(assessment.valid_until, clock.now())}")
    if assessment.open_critical:
        findings = words.plural(assessment.open_critical, "critical finding")
        return AssessmentRow(assessment, "warn", f"Valid, {findings} open")
    if assessment.valid_until - today <= NOTICE_SOON:
        return AssessmentRow(assessment, "warn", f"Expires {words.ago(assessment.valid_until, clock.now())}")
    tone = "warn" if assessment.result == "conditional" else "good"
    return AssessmentRow(assessment, tone, "Valid, with conditions" if tone == "warn" else "Valid")


def _missing(vendor: Vendor, assessments: Iterable[Assessment]) -> tuple[str, ...]:
    today = clock.today()
    valid = {assessment.kind for assessment in assessments if assessment.is_valid(today)}
    required = criteria.current().required_assessments[Criticality(vendor.criticality)]
    return tuple(kind.label for kind in required if kind not in valid)
