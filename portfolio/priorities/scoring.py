"""Four scores from 0 to 100 for each use case, weighed into one, inside the database; and the reasons to stop one."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import (
    Case,
    DecimalField,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from caio_portal.common import clock, words
from portfolio.models import Benefit, BenefitState, CostKind, CostLine, UseCase, Weighing
from portfolio.selectors.stage_times import stage_times
from portfolio.stages import Stage, lingering
from portfolio.value import CURRENCY
from portfolio.worth import yearly

# What each score says, for the page that explains them.
MEANINGS = (
    ("value", "Value", "What it brings a year: 100 from 10 million on, 75 from 1 million, 50 from 100,000, 25 below; "
                       "0 while nobody states it."),
    ("feasibility", "Feasibility", "How far it has come: 25 as an idea, 50 in experiment, 75 in pilot, 100 in "
                                   "production; 25 less if it is longer than usual in its stage."),
    ("risk", "Low risk", "100 in tier 1, 75 in tier 2, 40 in tier 3, 15 in tier 4, 0 if prohibited; 30 while the tier "
                         "is not known."),
    ("fit", "Strategic fit", "100 in a topic area that the office named, 40 in another one, 0 while it is not known; "
                             "50 for all as long as the office names none."),
)  # fmt: skip
SMALL = 100_000  # value a year, below which a high tier is a reason to stop
_LONG = timedelta(days=365)
_TOO_LONG = timedelta(days=90)  # beyond what is usual in a stage
_MONEY = DecimalField(max_digits=30, decimal_places=6)
_BY_STAGE = {Stage.IDEA: 25, Stage.EXPERIMENT: 50, Stage.PILOT: 75, Stage.PRODUCTION: 100}
_BY_TIER = {1: 100, 2: 75, 3: 40, 4: 15, 5: 0}


def weighing() -> Weighing:
    """How the office weighs today; the shipped weights as long as nobody has set any."""
    return Weighing.objects.select_related("by").first() or Weighing()


def scored(
    use_cases: "QuerySet[UseCase]", weights: Weighing, limits: Mapping[Stage, int] | None = None
) -> "QuerySet[UseCase]":
    """Those that are not retired, each with `a_year`, four scores and their weighed mean (`score`)."""
    limits = stage_times().limits if limits is None else limits
    late = lingering(clock.now(), limits)
    a_year = yearly().filter(use_case=OuterRef("pk")).values("a_year")
    rows: QuerySet[Any] = use_cases.exclude(stage=Stage.RETIRED).annotate(a_year=Subquery(a_year, output_field=_MONEY))
    rows = rows.annotate(
        value_score=_bands(),
        feasibility_score=Case(
            *(When(late & Q(stage=stage), then=Value(points - 25)) for stage, points in _BY_STAGE.items()),
            *(When(stage=stage, then=Value(points)) for stage, points in _BY_STAGE.items()),
            default=Value(0), output_field=IntegerField(),
        ),
        risk_score=Case(
            *(When(tier=tier, then=Value(points)) for tier, points in _BY_TIER.items()),
            default=Value(30), output_field=IntegerField(),
        ),
        fit_score=_fit(weights.topics),
        stay_limit=Case(
            *(When(stage=stage, then=Value(days)) for stage, days in limits.items()),
            default=None, output_field=IntegerField(null=True),
        ),
    )  # fmt: skip
    return rows.annotate(score=_weighed(weights))


def to_stop(use_cases: "QuerySet[UseCase]", weights: Weighing) -> "QuerySet[UseCase]":
    """Those for which at least one reason to stop holds, each with how many (`against`)."""
    now, limits = clock.now(), stage_times().limits
    spent = CostLine.objects.filter(
        use_case=OuterRef("pk"), voided_at=None, kind=CostKind.ACTUAL, currency=CURRENCY,
        month__gt=(now - _LONG).date(), month__lte=now.date(),
    ).order_by().values("use_case").annotate(total=Sum("amount")).values("total")  # fmt: skip
    proven = Benefit.objects.filter(
        use_case=OuterRef("pk"), voided_at=None, state__in=[BenefitState.MEASURED, BenefitState.VERIFIED]
    )
    rows: QuerySet[Any] = scored(use_cases, weights, limits).annotate(spent=Subquery(spent, output_field=_MONEY))
    rows = rows.annotate(
        costs_more=_flag(Q(spent__gt=Coalesce(F("a_year"), Value(Decimal(0)), output_field=_MONEY))),
        unproven=_flag(Q(stage=Stage.PRODUCTION, stage_since__lt=now - _LONG) & ~Exists(proven)),
        stuck=_flag(lingering(now - _TOO_LONG, limits)),
        risky=_flag(Q(tier__gte=4) & (Q(a_year=None) | Q(a_year__lt=SMALL))),
    )
    against = F("costs_more") + F("unproven") + F("stuck") + F("risky")
    return rows.annotate(against=against).filter(against__gt=0)


def reasons(row: Any) -> list[str]:
    """Why a row of to_stop is among them, in sentences."""
    found = []
    if row.costs_more:
        brings = f"brings {words.money(row.a_year, CURRENCY)} a year" if row.a_year else "states no value a year"
        found.append(f"It cost {words.money(row.spent, CURRENCY)} in the last twelve months and {brings}.")
    if row.unproven:
        found.append(f"In production since {words.day(row.stage_since)}, and no benefit is measured.")
    if row.stuck:
        found.append(f"{(clock.now() - row.stage_since).days - row.stay_limit} days longer than usual in its stage.")
    if row.risky:
        found.append("Its tier is high, and its value a year is small or not stated.")
    return found


def _bands() -> Case:
    return Case(
        When(a_year__gte=10_000_000, then=Value(100)),
        When(a_year__gte=1_000_000, then=Value(75)),
        When(a_year__gte=100_000, then=Value(50)),
        When(a_year__gt=0, then=Value(25)),
        default=Value(0),
        output_field=IntegerField(),
    )


def _fit(topics: list[str]) -> Combinable:
    if not topics:
        return Value(50, output_field=IntegerField())
    return Case(
        When(facts__topic_area__in=topics, then=Value(100)),
        When(facts__has_key="topic_area", then=Value(40)),
        default=Value(0),
        output_field=IntegerField(),
    )


def _weighed(weights: Weighing) -> Combinable:
    total = (
        F("value_score") * weights.value
        + F("feasibility_score") * weights.feasibility
        + F("risk_score") * weights.risk
        + F("fit_score") * weights.fit
    )
    half = weights.total // 2  # whole numbers are divided downwards
    return (total + Value(half)) / Value(weights.total)


def _flag(condition: Q | Combinable) -> Case:
    return Case(When(condition, then=Value(1)), default=Value(0), output_field=IntegerField())
