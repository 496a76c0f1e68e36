"""What use cases bring a year, in one currency and inside the database, so that lists can filter and arrange by it."""

from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Case, DecimalField, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from portfolio.models import Benefit
from portfolio.value import CURRENCY, MONTHS_IN

# From the greatest down: key, words, lower and upper bound of the value a year (the upper one is not in the band).
_BOUNDS: tuple[tuple[str, str, int | None, int | None], ...] = (
    ("very_large", "10 million or more", 10_000_000, None),
    ("large", "1 to 10 million", 1_000_000, 10_000_000),
    ("medium", "100,000 to 1 million", 100_000, 1_000_000),
    ("small", "Less than 100,000", None, 100_000),
)
NOT_STATED = "none"
BANDS = (*((key, label) for key, label, _, _ in _BOUNDS), (NOT_STATED, "Not stated"))
_AMOUNT = DecimalField(max_digits=30, decimal_places=6)


def yearly() -> "QuerySet[Any, dict[str, Any]]":
    """(use_case, a_year) of each use case with a benefit that comes back and is stated in money.

    For each benefit: by how much it is better than its baseline (the measured value, else the target), times the worth
    of one unit, times the periods in a year. What comes once is left out. Of a benefit that several use cases bring
    each has its share, so that their sum is the benefit, once.
    """
    better = Case(
        When(before=None, then=F("reached")),
        When(less=True, then=F("before") - F("reached")),
        default=F("reached") - F("before"),
        output_field=_AMOUNT,
    )
    times = Case(
        *(When(period=period, then=Value(12 // months)) for period, months in MONTHS_IN.items()), output_field=_AMOUNT
    )
    stated: QuerySet[Any, Any] = Benefit.objects.filter(voided_at=None, period__in=MONTHS_IN)
    found: QuerySet[Any, Any] = (
        stated.annotate(
            reached=Coalesce("value", "target", "same_as__value", "same_as__target"),
            before=Coalesce("baseline", "same_as__baseline"),
            less=Coalesce("same_as__lower_is_better", "lower_is_better"),
            each=Coalesce("worth", "same_as__worth"),
            money=Coalesce("same_as__currency", "currency"),
            weight=_weight(),
        )
        .filter(reached__isnull=False, each__isnull=False, money=CURRENCY)
        .exclude(share=0)
        .order_by()
        .values("use_case")
        .annotate(a_year=Sum(better * F("each") * times * F("weight"), output_field=_AMOUNT))
    )
    return found


def _weight() -> Case:
    """What of a benefit is this use case's: its share of another one, or what of its own it has not given away."""
    given = Benefit.objects.filter(same_as=OuterRef("pk"), voided_at=None).order_by().values("same_as")
    percent = Coalesce(Subquery(given.annotate(sum=Sum("share")).values("sum")), Value(0), output_field=_AMOUNT)
    return Case(
        When(same_as=None, then=(Value(100) - percent) / Value(100)),
        default=F("share") / Value(100),
        output_field=_AMOUNT,
    )


def band_condition(key: str) -> Q:
    """The use cases whose value a year lies in a band."""
    if key == NOT_STATED:
        return ~Q(pk__in=yearly().values("use_case"))
    _, _, low, high = next(bound for bound in _BOUNDS if bound[0] == key)
    within = yearly()
    if low is not None:
        within = within.filter(a_year__gte=low)
    if high is not None:
        within = within.filter(a_year__lt=high)
    return Q(pk__in=within.values("use_case"))


def in_bands(keys: list[str]) -> Q:
    return reduce(or_, (band_condition(key) for key in keys))
