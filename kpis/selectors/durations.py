"""How long things take beside the value of a KPI: percentiles from summed histograms, and what is not finished yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection

from caio_portal.accounts.models import User
from caio_portal.common import clock
from kpis import buckets, months, rollup_sql, words
from kpis.catalogue import Kpi
from kpis.selectors.records import addresses
from kpis.selectors.sums import UnitIds
from kpis.values import Formula, Sums, percentile, total
from portfolio.models import UseCase

SHOWN = 10
_NAMES = {50: "Median", 85: "85th percentile", 90: "90th percentile", 95: "95th percentile", 99: "99th percentile"}


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that has begun and not ended: its true duration is at least its age."""

    name: str  # empty if the reader may not see it
    ref: str
    url: str
    age: str


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What is censored: it is in no month yet, and leaving it out would make the figure too good."""

    count: int
    oldest: tuple[Waiting, ...]
    at_least: str  # the value if each of them ended now: a lower bound of what it will be


def percentiles(kpi: Kpi, sums: Sums) -> list[tuple[str, str]]:
    """Those that the catalogue puts beside the value; of log buckets in seconds. Averages of percentiles are none."""
    found = []
    for percent in kpi.percentiles_beside:
        if kpi.is_timed:
            counts = [0] * buckets.COUNT
            for bucket, count in sums.hist:
                counts[bucket] = count
            seconds = buckets.percentile(counts, percent)
            told = None if seconds is None else f"{seconds:.2f} s"
        else:
            amount = percentile(sums.hist, percent)
            told = None if amount is None else words.lasting(kpi, amount)
        if told:
            found.append((_NAMES[percent], told))
    return found


def unfinished(
    kpi: Kpi, units: UnitIds, month: date, sums: Sums, user: User, known_on: datetime | None = None
) -> Unfinished | None:
    """What had begun and not ended at the end of the month (or by now, or by a day); in three queries."""
    statement = rollup_sql.open_statement(kpi.key)
    if statement is None:
        return None
    as_of = min(filter(None, (clock.now(), months.end(month), known_on)))
    with connection.cursor() as cursor:
        cursor.execute(statement, _parameters(units, as_of))
        rows = cursor.fetchall()
    if not rows:
        return Unfinished(0, (), "")
    ages = [Decimal(row[2]) for row in rows]
    shown = rows[:SHOWN]
    seen = UseCase.objects.visible_to(user).in_bulk({row[1] for row in shown if row[1]})
    pages = addresses({row[3] for row in shown if row[3]}, user)
    oldest = tuple(_waiting(kpi, row, seen, pages) for row in shown)
    return Unfinished(len(rows), oldest, words.value(kpi, _at_least(kpi, sums, ages)))


def _at_least(kpi: Kpi, sums: Sums, ages: list[Decimal]) -> Decimal | None:
    """The value over what ended and what has not, each with its age."""
    if kpi.formula is Formula.PERCENTILE:
        waiting = (Sums(hist=((int(age), 1),)) for age in ages)
        return kpi.value(total((sums, *waiting)))
    return kpi.value(sums + Sums(num=sum(ages, Decimal(0)), n=len(ages)))


def _waiting(kpi: Kpi, row: tuple[Any, ...], seen: Mapping[int, UseCase], pages: Mapping[str, str]) -> Waiting:
    _, use_case_id, age, record = row
    use_case = seen.get(use_case_id or 0)
    kind, _, ref = (record or "").partition(" ")
    told = words.lasting(kpi, Decimal(age))
    if use_case_id and use_case is None:
        return Waiting("", "", "", told)
    if url := pages.get(record or ""):
        return Waiting(use_case.title if use_case else kind.capitalize(), ref, url, told)
    if use_case is None:
        return Waiting("", "", "", told)
    return Waiting(use_case.title, use_case.ref, use_case.get_absolute_url(), told)


def _parameters(units: UnitIds, as_of: datetime) -> dict[str, Any]:
    return {
        "as_of": as_of, "holidays": sorted(settings.HOLIDAYS), "units": None if units is None else sorted(units),
    }  # fmt: skip
