"""The portfolio and its value."""

from collections import Counter
from datetime import UTC, datetime, time
from decimal import Decimal

from django.db.models import BooleanField, ExpressionWrapper, F, Q

from caio_portal.briefings.snapshot import figures
from caio_portal.briefings.snapshot.cases import Case, Cases
from caio_portal.briefings.snapshot.schema import Count, Figure, Portfolio, TierCount, TiersAt
from caio_portal.briefings.snapshot.scope import Scope
from caio_portal.common import words
from governance.models import Tiering
from portfolio.models import Benefit, BenefitState
from portfolio.stages import Stage

QUARTERS = 6
TOP = 10
NOT_KNOWN = "Not yet known"
SOURCE = "Register of use cases, benefits measured or verified, actual cost lines of twelve months."


def portfolio(scope: Scope, cases: Cases) -> Portfolio:
    valued = valued_cases(cases)
    return Portfolio(
        figures=portfolio_figures(scope, cases),
        stages=_stages(cases),
        tiers=tiers_now(cases),
        history=tiers_by_quarter(scope, cases),
        points=tuple(case.line() for case in valued if case.residual is not None),
        top=tuple(case.line() for case in valued[:TOP]),
        benefits=_benefits(cases),
        source=source(cases),
    )


def source(cases: Cases) -> str:
    """Where it comes from, and how what several use cases bring together is counted, if there is such a thing."""
    shared = sum(case.gains.shared for case in cases.running)
    if not shared:
        return SOURCE
    parts = words.plural(shared, "benefit is a share", "benefits are shares")
    return f"{SOURCE} {parts} of what several use cases bring: each counts its own, the sum counts it once."


def valued_cases(cases: Cases) -> list[Case]:
    """What runs and has a proven value, the greatest first."""
    valued = (case for case in cases.running if case.value is not None)
    return sorted(valued, key=lambda case: (-(case.value or 0), case.row.ref))


def portfolio_figures(scope: Scope, cases: Cases) -> tuple[Figure, ...]:
    value = sum((case.value for case in cases.running if case.value is not None), Decimal(0))
    verified = sum((case.gains.verified for case in cases.running), Decimal(0))
    aimed = [case for case in cases.running if case.gains.planned is not None]
    cost = sum((case.cost for case in cases.running if case.cost is not None), Decimal(0))
    return (
        figures.count(
            scope, "use_cases", "Use cases", len(cases.living), "Use cases that are not retired.", "/use-cases/"
        ),
        figures.count(
            scope, "in_production", "In production", len(cases.running), "Stage production, not paused.",
            "/use-cases/?stage=production",
        ),
        figures.amount(
            scope, "value", "Value a year", value,
            "Improvement over the baseline times its worth, twelve months; benefits measured or verified of use cases "
            "in production; of what several bring together, each its share.",
        ),
        figures.share(
            scope, "attained", "Share of the planned value", sum((case.value or 0 for case in aimed), Decimal(0)),
            sum((case.gains.planned or 0 for case in aimed), Decimal(0)),
            "Value a year ÷ what it would be had every benefit reached its target.",
        ),
        figures.share(
            scope, "verified", "Verified by finance", verified, value, "Value that finance has verified ÷ value a year."
        ),
        figures.amount(
            scope, "cost", "Cost, twelve months", cost, "Actual cost lines of use cases in production, twelve months."
        ),
        figures.share(
            scope, "return", "Return on cost", value - cost, cost, "(Value a year − cost) ÷ cost of twelve months."
        ),
        figures.count(
            scope, "not_tiered", "Tier provisional or not known",
            sum(case.row.tier is None or case.row.tier_provisional for case in cases.living),
            "Unknown facts could still raise the tier.",
        ),
        figures.count(
            scope, "paused", "Paused", sum(case.row.paused_at is not None for case in cases.living), "Marked as paused."
        ),
    )  # fmt: skip


def _stages(cases: Cases) -> tuple[Count, ...]:
    counts = Counter(case.row.stage for case in cases.all)
    known = [Count(key=stage.value, label=stage.label, count=counts[stage]) for stage in Stage]
    return (*known, Count(key="", label="Not stated", count=counts[None])) if counts[None] else tuple(known)


def tiers_now(cases: Cases) -> tuple[TierCount, ...]:
    labels = {0: NOT_KNOWN, **cases.tiers}
    counts = Counter(case.row.tier or 0 for case in cases.living)
    open_ = Counter(case.row.tier or 0 for case in cases.living if case.row.tier_provisional)
    return tuple(
        TierCount(tier=tier, label=label, count=counts[tier], provisional=open_[tier]) for tier, label in labels.items()
    )


def tiers_by_quarter(scope: Scope, cases: Cases) -> tuple[TiersAt, ...]:
    """How many use cases each tier had at the end of the last quarters: as tiered, and not retired, by then."""
    keys = [case.row.pk for case in cases.all]
    tierings = list(
        Tiering.objects.filter(use_case__in=keys)
        .order_by("at", "pk")
        .annotate(is_known=ExpressionWrapper(Q(ceiling=F("tier")) | ~Q(trace__held=[]), BooleanField()))
        .values_list("use_case_id", "at", "tier", "is_known")
    )
    retired = {case.row.pk: case.retired_at for case in cases.all if case.retired_at}
    tiered: dict[int, int] = {}
    later = iter([*tierings, None])
    following = next(later)
    history = []
    for back in reversed(range(QUARTERS)):
        quarter = scope.quarter.back(back)
        end = min(datetime.combine(quarter.next.first_day, time(), UTC), scope.as_of)
        while following and following[1] < end:
            use_case, _, tier, is_known = following
            tiered[use_case] = tier if is_known else 0
            following = next(later)
        counts = Counter(
            tiered.get(case.row.pk, 0)
            for case in cases.all
            if case.row.registered_at < end and not (case.row.pk in retired and retired[case.row.pk] < end)
        )
        history.append(TiersAt(quarter=quarter, counts=dict(sorted(counts.items()))))
    return tuple(history)


def _benefits(cases: Cases) -> tuple[Count, ...]:
    keys = [case.row.pk for case in cases.living]
    once = Benefit.objects.filter(use_case__in=keys, voided_at=None, same_as=None)
    counts = Counter(once.values_list("state", flat=True))
    return tuple(Count(key=state.value, label=state.label, count=counts[state]) for state in BenefitState)
