"""A KPI as people see it: its value, target, status, trend and how far it can be trusted."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from kpis import catalogue, months, words
from kpis.catalogue import INVITED, MAIN, NEW_SET, Kpi
from kpis.selectors.discretion import Discretion, alone
from kpis.selectors.sums import Cells, MonthCells, UnitIds, over, read, value
from kpis.selectors.targets import Targets, targets
from kpis.status import Bands, Status, improved, status
from kpis.values import Sums

LONGEST_WINDOW = 12
SOURCES_SEEN = 4  # months in which a source that is missing now was seen
Until = Callable[[Kpi, MonthCells, date], date | None]  # up to which month of a window a value is told
LOW_RESPONSE = Decimal("0.5")  # below it those who said nothing are the majority


@dataclass(frozen=True, slots=True)
class Point:
    """One month of a trend."""

    month: date
    value: Decimal | None
    provisional: bool = False
    begins: bool = False  # graded on another set than the month before: a new series


@dataclass(frozen=True, slots=True)
class Reading:
    """A KPI for a set of units in a month."""

    kpi: Kpi
    month: date
    value: Decimal | None
    sums: Sums
    bands: Bands
    status: Status
    before: Decimal | None  # the value of the month before
    trend: tuple[Point, ...]  # oldest first, this month last
    coverage: float | None  # 0 to 1: how much of what should report did
    provisional: bool
    computed_at: datetime | None
    compared_with: date | None = None  # the month of the value before
    response: Decimal | None = None  # 0 to 1: how many of those invited answered

    @property
    def response_words(self) -> str:
        """61% of those invited answered."""
        return "" if self.response is None else f"{words.share(self.response)} of those invited answered"

    @property
    def is_low_response(self) -> bool:
        return self.response is not None and self.response < LOW_RESPONSE

    @property
    def value_words(self) -> str:
        return words.value(self.kpi, self.value)

    @property
    def short_words(self) -> str:
        return words.value(self.kpi, self.value, short=True)

    @property
    def unit_words(self) -> str:
        return words.unit(self.kpi) if self.value is not None else ""

    @property
    def confidence_words(self) -> str:
        return words.confidence(self.kpi, self.sums) if self.value is not None else ""

    @property
    def target_words(self) -> str:
        return words.target(self.kpi, self.bands)

    @property
    def change_words(self) -> str:
        return words.change(self.kpi, self.before, self.value)

    @property
    def is_better(self) -> bool | None:
        return improved(self.before, self.value, self.bands, self.kpi.direction)

    @property
    def arrow(self) -> str:
        """Where the value went: up, down or flat."""
        if self.before is None or self.value is None or self.change_words in ("", "No change"):
            return "flat"
        return "up" if self.value > self.before else "down"

    @property
    def is_partial(self) -> bool:
        return self.coverage is not None and self.coverage < 0.8

    @property
    def comparable(self) -> tuple[Point, ...]:
        """The trend since its newest series began: what is before was graded on another set."""
        begun = max((place for place, point in enumerate(self.trend) if point.begins), default=0)
        return self.trend[begun:]

    @property
    def since(self) -> date | None:
        """When the newest series began, if the trend holds an older one."""
        first = self.comparable[0]
        return first.month if first.begins else None

    @property
    def series_words(self) -> str:
        """New series since March 2026: why nothing is compared with what was before."""
        return f"New series since {self.since:%B %Y}" if self.since else ""

    @property
    def numbers(self) -> tuple[float, ...]:
        """The known values of the trend that can be compared, for a sparkline."""
        return tuple(float(point.value) for point in self.comparable if point.value is not None)

    @property
    def goal(self) -> float | None:
        """The line of the target in a sparkline."""
        bound = self.bands.low if self.bands.low is not None else self.bands.high
        return None if bound is None else float(bound)


def headline(
    units: UnitIds,
    month: date,
    keys: Collection[str] | None = None,
    *,
    length: int = 24,
    top: str | None = None,
) -> tuple[Reading, ...]:
    """The KPIs of these keys (all, without), in the order given, with `length` months of trend; in four queries."""
    kpis = tuple(catalogue.current().by_key[key] for key in keys) if keys is not None else catalogue.current().kpis
    first = months.add(month, 1 - length - LONGEST_WINDOW)
    cells = read(kpis, units, first, month, shown_from=months.add(month, 1 - max(length, SOURCES_SEEN)))
    until = until_of(Discretion.of(kpis, first, month), units)
    return readings(kpis, cells, targets(units, [kpi.key for kpi in kpis], top), month, length=length, until=until)


def until_of(discretion: Discretion, units: UnitIds) -> Until:
    """How far anything is told of a set of units."""
    return lambda kpi, own, month: discretion.until(kpi, units, month)


def _until_alone(kpi: Kpi, own: MonthCells, month: date) -> date | None:
    return alone(kpi, {each: cell.sums.n for each, cell in own.items()}, month)


def readings(
    kpis: Iterable[Kpi],
    cells: Cells,
    wanted: Targets,
    month: date,
    *,
    length: int,
    series: str = MAIN,
    until: Until = _until_alone,
) -> tuple[Reading, ...]:
    """Readings from sums that were read before; no queries."""
    return tuple(_reading(kpi, cells, wanted.bands(kpi, month), month, length, series, until) for kpi in kpis)


def _reading(
    kpi: Kpi, cells: Cells, bands: Bands, month: date, length: int, series: str, until: Until
) -> Reading:  # fmt: skip
    own, new_sets = cells.get((kpi.key, series), {}), cells.get((kpi.key, NEW_SET), {})
    main = cells.get((kpi.key, MAIN), {})
    told = {each: until(kpi, main, each) for each in months.back(month, length)}
    trend = tuple(
        Point(
            each,
            value(kpi, cells, last, series) if _is_known(kpi, own, each) and (last := told[each]) else None,
            _is_provisional(own, each),
            each in new_sets and bool(new_sets[each].sums.num),
        )
        for each in months.back(month, length)
    )
    now, last = over(own, kpi.window_of(series), told[month] or month), told[month]
    judged = judge(kpi, trend[-1].value, bands, now.sums if last else Sums())
    if last is None or not _is_known(kpi, own, month):  # no value: neither is told what it is made of
        now = replace(now, sums=Sums())
    before = _before(kpi, trend)
    return Reading(
        kpi, month, trend[-1].value, now.sums, bands, judged,
        before.value if before else None, trend, coverage(kpi, own, month),
        now.provisional, now.computed_at, before.month if before else None,
        _response(kpi, cells, last) if last and now.sums.n else None,
    )  # fmt: skip


def _before(kpi: Kpi, trend: Sequence[Point]) -> Point | None:
    """What a value is compared with: the month before; of what is asked quarterly, the last time it was asked."""
    if len(trend) < 2 or trend[-1].begins:
        return None
    if kpi.frequency != "quarterly":
        return trend[-2]
    for newer, point in zip(reversed(trend), reversed(trend[:-1]), strict=False):
        if newer.begins or point.value is not None:
            return None if newer.begins else point
    return None


def _response(kpi: Kpi, cells: Cells, month: date) -> Decimal | None:
    """How many of those invited answered; of too few answers nothing is told."""
    sums = over(cells.get((kpi.key, INVITED), {}), kpi.window, month).sums
    return response(sums)


def response(sums: Sums) -> Decimal | None:
    """Answers of those invited, at most all of them; None if nobody knows how many that were."""
    return min(Decimal(1), sums.num / sums.den) if sums.den else None


def judge(kpi: Kpi, amount: Decimal | None, bands: Bands, sums: Sums) -> Status:
    """The status of a value; a sample below the minimum gives none."""
    applicable = kpi.empty != "not_applicable" or bool(sums.den)
    return status(amount, bands, sums.n, minimum=kpi.minimum_sample, applicable=applicable)


def coverage(kpi: Kpi, own: MonthCells, month: date) -> float | None:
    """How much of what should report did: records with everything known, or the sources seen in three months."""
    cell = own.get(month)
    if cell is None or not cell.expected:
        return None
    if kpi.source == "records":
        return cell.covered / cell.expected
    return cell.covered / max(own[each].covered for each in months.back(month, SOURCES_SEEN) if each in own)


def _is_known(kpi: Kpi, own: MonthCells, month: date) -> bool:
    """A month without a record has none; a month without a delivery is not known, and no window ends with it."""
    if month in own:
        return True
    is_fed = kpi.source == "observations" or bool(kpi.measures)
    return not is_fed and any(each in own for each in kpi.window.months(month))


def _is_provisional(own: MonthCells, month: date) -> bool:
    return month in own and own[month].provisional
