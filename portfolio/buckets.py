"""What is offered below a filter in which somebody writes: whether there is a value at all, and ranges of values."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce
from operator import or_

from django.db.models import Case, CharField, Q, Value, When

from caio_portal.common import clock
from caio_portal.common.tables import Choices
from caio_portal.common.tables.filters import NONE

SUFFIX = "-is"
STATED = "stated"
_YEARS = 4  # that a date is told apart by, with the running one and the next
_AMOUNTS = (0, 10_000, 100_000, 1_000_000)
_NUMBERS = (0, 10, 100, 1_000, 10_000)
Between = Callable[..., Q]  # of both ends, included; either may be None


@dataclass(frozen=True)
class Bucket:
    key: str
    label: str
    condition: Q


def choices(key: str, label: str, buckets: Sequence[Bucket], lacking: Q | None, none: str = "Not stated") -> Choices:
    """Of the filter with this KEY: stated at all, in which range, or not stated (LACKING; without it all are)."""
    conditions = {bucket.key: bucket.condition for bucket in buckets}
    options = [(bucket.key, bucket.label) for bucket in buckets]
    if lacking is not None:
        conditions |= {STATED: ~lacking, NONE: lacking}
        options.insert(0, (STATED, "Stated"))

    def where(chosen: list[str]) -> Q:
        return reduce(or_, (conditions[one] for one in chosen))

    shown_none = none if lacking is not None else ""
    return Choices(f"{key}{SUFFIX}", label, options, none=shown_none, where=where, counts=False, within=key)


def told(buckets: Sequence[Bucket], lacking: Q | None) -> Case:
    """For each row the key of its bucket; what is stated and in none of them is just stated."""
    first = [] if lacking is None else [When(lacking, then=Value(NONE))]
    whens = [When(bucket.condition, then=Value(bucket.key)) for bucket in buckets]
    return Case(*first, *whens, default=Value(STATED), output_field=CharField())


def of_numbers(between: Between, *, money: bool = False) -> list[Bucket]:
    """Below, from and between round numbers; BETWEEN takes whole numbers and, as the last end, one that it leaves."""
    bounds = _AMOUNTS if money else _NUMBERS
    ranges = list(zip(bounds, [*bounds[1:], None], strict=True))
    return [Bucket(f"from-{low}", _range(low, high), between(low, high)) for low, high in ranges]


def _range(low: int, high: int | None) -> str:
    if high is None:
        return f"{low:,} or more"
    return f"Less than {high:,}" if low == 0 else f"{low:,} to less than {high:,}"


def of_days(between: Between) -> list[Bucket]:
    """By year: the running one, the next, some before."""
    this = clock.today().year
    years = range(this + 1, this - _YEARS, -1)
    later = Bucket("later", f"After {this + 1}", between(date(this + 2, 1, 1), None))
    earlier = Bucket("earlier", f"Before {years[-1]}", between(None, date(years[-1] - 1, 12, 31)))
    of_year = (Bucket(str(year), str(year), between(date(year, 1, 1), date(year, 12, 31))) for year in years)
    return [later, *of_year, earlier]


def of_moments(between: Between) -> list[Bucket]:
    """By how long ago it is."""
    ends = ((0, 7, "Last 7 days"), (7, 30, "8 to 30 days ago"), (30, 365, "31 days to a year ago"))
    today = clock.today()
    known = [
        Bucket(f"days-{most}", label, between(today - timedelta(days=most - 1), today - timedelta(days=least)))
        for least, most, label in ends
    ]
    return [*known, Bucket("days-more", "More than a year ago", between(None, today - timedelta(days=365)))]
