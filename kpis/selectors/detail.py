"""The page of one KPI: its months, what it is made of, and where that comes from."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from caio_portal.accounts.models import User
from kpis import months, words
from kpis.catalogue import INVITED, Kpi
from kpis.selectors import parts
from kpis.selectors.days import Days, days
from kpis.selectors.discretion import Discretion
from kpis.selectors.durations import Unfinished, percentiles, unfinished
from kpis.selectors.lineage import Lineage, lineage
from kpis.selectors.parts import Part
from kpis.selectors.readings import LONGEST_WINDOW, Point, Reading, readings, until_of
from kpis.selectors.sums import Cells, UnitIds, over, read
from kpis.selectors.targets import targets
from kpis.selectors.versions import Version, versions
from kpis.selectors.window import window

TREND = 24


@dataclass(frozen=True, slots=True)
class Detail:
    """Everything about one KPI for a set of units in a month."""

    reading: Reading
    series: tuple[tuple[str, tuple[Point, ...], Decimal | None], ...]  # those beside the main one
    units: tuple[Part, ...]
    tiers: tuple[Part, ...]
    stages: tuple[Part, ...]
    vendors: tuple[Part, ...]
    records: tuple[Part, ...]  # use cases, the worst first
    record_count: int
    lineage: Lineage
    percentiles: tuple[tuple[str, str], ...]  # beside the value
    per_million: tuple[str, str]  # the same events by what they may happen in, and how far that can be trusted
    days: Days | None  # of a snapshot, what its last day does not tell
    unfinished: Unfinished | None  # what has begun and not ended
    versions: tuple[Version, ...]  # of the definition, the newest first

    @property
    def has_responses(self) -> bool:
        """Whether somebody knows how many people were asked."""
        return any(part.response is not None for part in self.units)


def detail(kpi: Kpi, units: UnitIds, month: date, user: User, *, known_on: datetime | None = None) -> Detail:
    """In a constant number of queries."""
    first = months.add(month, 1 - TREND - LONGEST_WINDOW)
    cells = read([kpi], units, first, month, known_on=known_on, histograms=bool(kpi.percentiles_beside))
    wanted = targets(units, [kpi.key])
    discretion = Discretion.of([kpi], first, month, known_on)
    until = until_of(discretion, units)
    (reading,) = readings([kpi], cells, wanted, month, length=TREND, until=until)
    beside = []
    for series in (name for name in kpi.series[1:] if name not in (INVITED, kpi.per_million)):
        (other,) = readings([kpi], cells, wanted, month, length=TREND, series=series, until=until)
        beside.append((series, other.trend, other.value))
    bands = reading.bands
    known = window(kpi, units, month, known_on)
    records, count = parts.use_cases(kpi, bands, known, user)
    return Detail(
        reading, tuple(beside), parts.by_unit(kpi, bands, known, discretion, month),
        *(parts.by_use_case_field(kpi, bands, month, units, known_on) if reading.value is not None else ((), ())),
        parts.by_vendor(kpi, bands, known), records,
        count, lineage(kpi, units, month, known_on), tuple(percentiles(kpi, reading.sums)),
        _per_million(kpi, cells, reading), days(kpi, units, month, bands, known_on),
        unfinished(kpi, units, month, reading.sums, user, known_on), versions(kpi.key),
    )  # fmt: skip


def _per_million(kpi: Kpi, cells: Cells, reading: Reading) -> tuple[str, str]:
    if not kpi.per_million or reading.value is None:
        return "", ""
    exposure = over(cells.get((kpi.key, kpi.per_million), {}), kpi.window, reading.month).sums.den
    return words.per_million(reading.sums, exposure)
