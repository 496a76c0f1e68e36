"""What benefits bring a use case a year, in money: of one that several use cases bring, its share."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any, NamedTuple

from django.db.models import OuterRef, QuerySet, Subquery, Sum

from caio_portal.briefings.snapshot.scope import CURRENCY
from portfolio.models import Benefit, BenefitState
from portfolio.value import MONTHS_IN, improvement

SURE = (BenefitState.MEASURED, BenefitState.VERIFIED)
WHOLE = Decimal(100)


class Stated(NamedTuple):
    """The figures of a benefit; a tuple, because a page reads many."""

    state: str | None
    lower_is_better: bool
    baseline: Decimal | None
    target: Decimal | None
    value: Decimal | None
    worth: Decimal | None
    currency: str
    period: str


OWN = Stated._fields
OF_WHOLE = tuple(f"same_as__{name}" for name in OWN)


@dataclass(frozen=True)
class Gains:
    """What benefits bring, a year."""

    value: Decimal | None  # measured or verified
    verified: Decimal  # of it, verified by finance
    planned: Decimal | None  # had every benefit in `value` reached its target; none where one has no target
    shared: int  # how many of the benefits in `value` several use cases bring


@dataclass(frozen=True)
class Part:
    """What of one measured benefit is a use case's, a year."""

    brings: Decimal
    planned: Decimal | None
    is_verified: bool
    is_shared: bool


NOTHING = Gains(None, Decimal(0), None, 0)


def gains_of(keys: Sequence[int]) -> dict[int, Gains]:
    """By use case, in one query; without an entry where nothing is measured in money."""
    given = Benefit.objects.filter(same_as=OuterRef("pk"), voided_at=None).order_by().values("same_as")
    stated: QuerySet[Any, Any] = Benefit.objects.filter(use_case__in=keys, voided_at=None).order_by("use_case")
    stated = stated.annotate(given=Subquery(given.annotate(sum=Sum("share")).values("sum")))
    rows = stated.values_list("use_case", "share", "given", *OWN, *OF_WHOLE)
    parts = ((row[0], part) for row in rows if (part := _part(row[1], row[2], Stated(*row[3:11]), Stated(*row[11:]))))
    return {key: _added([part for _, part in own]) for key, own in groupby(parts, key=lambda pair: pair[0])}


def _part(share: Decimal | None, given: Decimal | None, own: Stated, other: Stated) -> Part | None:
    """None where nothing is measured in money, or where all of it is another use case's."""
    whole = own if share is None else other
    share = WHOLE - (given or 0) if share is None else share
    if not share or whole.state not in SURE or (brings := a_year(whole, whole.value)) is None:
        return None
    aim = a_year(whole, whole.target)
    return Part(
        brings * share / WHOLE, None if aim is None else aim * share / WHOLE, whole.state == BenefitState.VERIFIED,
        share != WHOLE,
    )  # fmt: skip


def a_year(benefit: Stated, level: Decimal | None) -> Decimal | None:
    """What a benefit brings in twelve months at a LEVEL of its metric; what comes once is left out."""
    if benefit.worth is None or benefit.currency != CURRENCY or benefit.period not in MONTHS_IN:
        return None
    better = improvement(benefit.baseline, level, lower_is_better=benefit.lower_is_better)
    return None if better is None else better * benefit.worth * 12 / MONTHS_IN[benefit.period]


def _added(parts: Sequence[Part]) -> Gains:
    aims = [part.planned for part in parts if part.planned is not None]
    return Gains(
        value=_sum([part.brings for part in parts]),
        verified=_sum([part.brings for part in parts if part.is_verified]),
        planned=_sum(aims) if len(aims) == len(parts) else None,
        shared=sum(part.is_shared for part in parts),
    )


def _sum(amounts: Sequence[Decimal]) -> Decimal:
    """Rounded to cents, as they are shown: a share has as many digits as a division gives it."""
    return round(sum(amounts, Decimal(0)), 2)
