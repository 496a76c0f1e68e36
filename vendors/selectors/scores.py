"""Vendors with their numbers, for lists and heat tables."""

from decimal import Decimal
from typing import Any

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import F, FilteredRelation, Min, OuterRef, Q, Subquery, Sum, Value

from caio_portal.common import clock
from caio_portal.common.parts import HeatCell
from vendors import criteria
from vendors.criteria import DIMENSIONS
from vendors.models import Advice, Contract, CriterionScore, Product, Scorecard, Vendor, VendorQuerySet

ADVICE_TONES = {
    Advice.EXPAND: "good",
    Advice.KEEP: "good",
    Advice.RENEGOTIATE: "warn",
    Advice.REPLACE: "bad",
    Advice.EXIT: "bad",
    Advice.UNKNOWN: "neutral",
}


def quarters_scored() -> list[str]:
    """The quarters that have scorecards, newest first."""
    return list(Scorecard.objects.order_by("-quarter").values_list("quarter", flat=True).distinct())


def scored(vendors: VendorQuerySet, quarter: str) -> VendorQuerySet:
    """VENDORS with the numbers of their scorecard for QUARTER, the total before it, and the next notice day."""
    earlier = Scorecard.objects.filter(vendor=OuterRef("pk"), quarter__lt=quarter).order_by("-quarter")
    running = Contract.objects.filter(vendor=OuterRef("pk"), ends_on__gte=clock.today()).order_by().values("vendor")
    products = Product.objects.filter(vendor=OuterRef("pk")).order_by().values("vendor")
    return vendors.annotate(
        card=FilteredRelation("scorecards", condition=Q(scorecards__quarter=quarter)),
        **{key: F(f"card__{key}") for key in (*DIMENSIONS, "total", "coverage", "advice", "reasons")},
        before=Subquery(earlier.values("total")[:1]),
        sold=Subquery(products.annotate(names=StringAgg("name", Value(" "))).values("names")),
        notice_by=Subquery(running.annotate(first=Min("notice_by")).values("first")),
        value=Subquery(running.annotate(sum=Sum("value")).values("sum")),
    )


def cells(card: Any) -> list[HeatCell]:
    """The four dimensions of a scorecard (or of a scored vendor) as cells of a heat table."""
    current = criteria.current()
    return [cell(current, getattr(card, key)) for key in DIMENSIONS]


def advice_mark(scored_vendor: Any) -> tuple[str, str]:
    """Tone and words of the recommendation of a scored vendor."""
    if not scored_vendor.advice:
        return "neutral", "No scorecard"
    advice = Advice(scored_vendor.advice)
    return ADVICE_TONES[advice], str(advice.label)


def cell(current: criteria.Criteria, value: Decimal | None) -> HeatCell:
    if value is None:
        return HeatCell("–")
    return HeatCell(f"{value:.0f}", current.heat_of(value) or 0, value < current.bar)


def score_before(vendor: Vendor, criterion: str, quarter: str) -> CriterionScore | None:
    """What VENDOR last scored on CRITERION, up to QUARTER."""
    rows = vendor.criterion_scores.filter(criterion=criterion, quarter__lte=quarter)
    return rows.order_by("-quarter").first()
