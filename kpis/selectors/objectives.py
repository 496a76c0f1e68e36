"""Objectives with where their key results stand: graded by how far a KPI came on its way."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Prefetch, QuerySet

from caio_portal.accounts.models import OrgUnit
from kpis import catalogue, months, words
from kpis.catalogue import MAIN, Kpi
from kpis.models import KeyResult, KpiValue, Objective, ObjectiveReview
from kpis.selectors.discretion import Answered, Discretion, path_of
from kpis.selectors.readings import LONGEST_WINDOW, Until, readings, until_of
from kpis.selectors.scorecard import default_month
from kpis.selectors.sums import Cell
from kpis.selectors.targets import Targets
from kpis.values import Sums, histogram, total

GOOD, FAIR = Decimal("0.7"), Decimal("0.4")  # what objectives that stretch are usually held to
ONE = Decimal(1)
_Key = tuple[str, str, date]  # KPI, series and month


class Graded:
    """What is some of the way from its start to its target."""

    __slots__ = ()

    @property
    def progress(self) -> Decimal | None:
        raise NotImplementedError

    @property
    def progress_words(self) -> str:
        return "No data" if self.progress is None else f"{self.progress:.2f}"

    @property
    def tone(self) -> str:
        return tone(self.progress)


@dataclass(frozen=True, slots=True)
class Result(Graded):
    """A key result and where its KPI stands."""

    key_result: KeyResult
    kpi: Kpi
    month: date
    value: Decimal | None

    @property
    def progress(self) -> Decimal | None:
        """How much of the way from start to target is done, from 0 to 1; None without a value."""
        if self.value is None:
            return None
        way = self.key_result.target - self.key_result.start
        return max(Decimal(0), min(ONE, (self.value - self.key_result.start) / way))

    @property
    def way_words(self) -> str:
        start = words.value(self.kpi, self.key_result.start, short=True)
        return f"{start} to {words.value(self.kpi, self.key_result.target)}"

    @property
    def value_words(self) -> str:
        return words.value(self.kpi, self.value)


@dataclass(frozen=True, slots=True)
class Standing(Graded):
    """An objective, its key results, and what was last said of it."""

    objective: Objective
    results: tuple[Result, ...]
    reviews: tuple[ObjectiveReview, ...]  # the newest first

    @property
    def progress(self) -> Decimal | None:
        """The mean of its key results; those without a value count as not begun."""
        if not self.results or all(result.progress is None for result in self.results):
            return None
        return sum((result.progress or Decimal(0) for result in self.results), Decimal(0)) / len(self.results)


def tone(progress: Decimal | None) -> str:
    if progress is None:
        return "neutral"
    return "good" if progress >= GOOD else "warn" if progress >= FAIR else "bad"


def standings(found: QuerySet[Objective]) -> list[Standing]:
    """In five queries, however many objectives and units there are."""
    wanted = list(
        found.select_related("unit", "owner").prefetch_related(
            Prefetch("key_results", KeyResult.objects.order_by("pk")),
            Prefetch("reviews", ObjectiveReview.objects.select_related("reviewed_by")),
        )
    )
    paths = dict(OrgUnit.objects.values_list("pk", "path"))
    keys = {result.kpi for objective in wanted for result in objective.key_results.all()}
    sums = _sums(keys & catalogue.current().by_key.keys(), {_month(objective.period) for objective in wanted})
    discretion = Discretion(
        Answered(key, month, path_of(paths[unit]), each.n)
        for unit, by_key in sums.items()
        for (key, series, month), each in by_key.items()
        if series == MAIN
    )
    return [_standing(objective, paths, sums, discretion) for objective in wanted]


def _standing(
    objective: Objective, paths: Mapping[int, str], sums: Mapping[int, Mapping[_Key, Sums]], discretion: Discretion
) -> Standing:
    top, month = paths[objective.unit_id], _month(objective.period)
    below = [sums[unit] for unit, path in paths.items() if path.startswith(top) and unit in sums]
    known = catalogue.current().by_key
    units = frozenset(unit for unit, path in paths.items() if path.startswith(top))
    results = tuple(
        Result(result, known[result.kpi], month, _value(known[result.kpi], below, month, until_of(discretion, units)))
        for result in objective.key_results.all()
        if result.kpi in known
    )
    return Standing(objective, results, tuple(objective.reviews.all()))


def _value(kpi: Kpi, below: Iterable[Mapping[_Key, Sums]], month: date, until: Until) -> Decimal | None:
    """The value of a set of units, by the same rules as on the scorecard."""
    parts: dict[tuple[str, str], dict[date, list[Sums]]] = defaultdict(lambda: defaultdict(list))
    for unit in below:
        for (key, series, each), amount in unit.items():
            if key == kpi.key:
                parts[key, series][each].append(amount)
    cells = {name: {each: Cell(total(many)) for each, many in by.items()} for name, by in parts.items()}
    (reading,) = readings([kpi], cells, Targets(()), month, length=1, until=until)
    return reading.value


def _sums(keys: Collection[str], wanted: Collection[date]) -> dict[int, dict[_Key, Sums]]:
    """The sums of these KPIs by unit, for the windows that end with these months."""
    known, found = catalogue.current().by_key, defaultdict[int, dict[_Key, Sums]](dict)
    if not keys:
        return found
    rows = KpiValue.objects.filter(
        kpi__in=keys, use_case_id=None, vendor_id=None, inputs__gt=0,
        month__range=(months.add(min(wanted), -LONGEST_WINDOW), max(wanted)),
    )  # fmt: skip
    for row in rows.iterator():
        if row.number == known[row.kpi].counted_by:
            sums = Sums(row.num, row.den, row.n, histogram(row.hist or ()))
            found[row.unit_id][row.kpi, row.series, row.month] = sums
    return found


def _month(period: str) -> date:
    """The last month of the period that is over."""
    last = months.of_quarter(period)[-1] if "Q" in period else date(int(period), 12, 1)
    return min(last, default_month())
