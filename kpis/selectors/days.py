"""A snapshot day by day: what its last day does not tell of the month."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection

from caio_portal.common import clock
from kpis import months, rollup_sql, words
from kpis.catalogue import Kpi
from kpis.selectors.sums import UnitIds
from kpis.status import Bands, Direction
from kpis.values import Sums


@dataclass(frozen=True, slots=True)
class Days:
    """The worst day of a month, and on how many of its days the target was missed."""

    kpi: Kpi
    worst: Decimal
    on: date
    missed: int
    counted: int  # days that had a value

    @property
    def worst_words(self) -> str:
        return words.value(self.kpi, self.worst)


def days(kpi: Kpi, units: UnitIds, month: date, bands: Bands, known_on: datetime | None = None) -> Days | None:
    """Each day of the month as it stood at its end, in one query; None of KPIs that are not told by the day."""
    if not kpi.daily:
        return None
    ends = _ends(month, min(filter(None, (clock.now(), known_on))))
    parameters: dict[str, Any] = {
        "ends": ends, "units": None if units is None else sorted(units), "holidays": sorted(settings.HOLIDAYS),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(rollup_sql.daily_statement(kpi.key), parameters)
        rows = cursor.fetchall()
    told = [(at, kpi.value(Sums(num, den))) for at, num, den in rows]
    known = [(value, (at - timedelta(microseconds=1)).date()) for at, value in told if value is not None]
    if not known:
        return None
    worst, on = min(known) if kpi.direction is Direction.UP else max(known)
    return Days(kpi, worst, on, sum(1 for value, _ in known if bands.distance(value)), len(known))


def _ends(month: date, now: datetime) -> list[datetime]:
    """The moments at which the days of the month ended, and now if it has not."""
    found, end = [], months.start(month)
    while end < min(months.end(month), now):
        end = min(end + timedelta(days=1), now)
        found.append(end)
    return found
