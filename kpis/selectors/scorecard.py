"""The scorecard: all KPIs by perspective."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from caio_portal.common import clock
from kpis import months
from kpis.catalogue import PERSPECTIVES
from kpis.selectors.readings import Reading, headline
from kpis.selectors.sums import UnitIds
from kpis.status import Status

TREND = 12


@dataclass(frozen=True, slots=True)
class Perspective:
    """One side from which the programme is looked at."""

    key: str
    name: str
    readings: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class Scorecard:
    """All KPIs for a set of units in a month."""

    month: date
    perspectives: tuple[Perspective, ...]

    @property
    def readings(self) -> tuple[Reading, ...]:
        return tuple(reading for perspective in self.perspectives for reading in perspective.readings)

    @property
    def by_status(self) -> dict[Status, int]:
        counted = Counter(reading.status for reading in self.readings)
        return {status: counted[status] for status in Status}


def scorecard(units: UnitIds, month: date, *, top: str | None = None) -> Scorecard:
    """Every KPI of the catalogue with a year of trend; in three queries when TOP, the top unit's path, is known."""
    found = headline(units, month, length=TREND, top=top)
    return Scorecard(
        month,
        tuple(
            Perspective(key, name, tuple(reading for reading in found if reading.kpi.perspective == key))
            for key, name in PERSPECTIVES.items()
        ),
    )


def default_month() -> date:
    """The last month that is over."""
    return months.add(months.first(clock.today()), -1)
