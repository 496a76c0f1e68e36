"""The sums of every KPI made again in plain Python, from rows read one by one: what the SQL must agree with."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from kpis import catalogue, months
from kpis.models import KpiValue, Observation, PinnedRun
from kpis.values import Sums, histogram

PEOPLE = {"active_users"}  # who uses two use cases is one person of the unit
MICRO = Decimal("0.000001")
Scope = tuple[str, str, date, int, int | None, int | None]  # kpi, series, month, unit, use case, vendor


def from_observations() -> dict[Scope, Sums]:
    """Every KPI that is made of observations."""
    by_id = {measure.id: key for key, measure in catalogue.current().measures.items()}
    terms = [(kpi, term) for kpi in catalogue.current().kpis for term in kpi.terms]
    found: dict[Scope, Sums] = defaultdict(Sums)
    for row in _last_counts(by_id):
        month = months.first(row.observed_at.date())
        for kpi, term in terms:
            if term.measure == by_id[row.measure]:
                hist = histogram(row.hist or ()) if term.hist else ()
                sums = Sums(_part(row, term.num), _part(row, term.den), row.n if term.n else 0, hist)
                is_apart = row.use_case_id is not None and by_id[row.measure] in PEOPLE
                one = [(row.unit_id, row.use_case_id, None)]
                for scope in one if is_apart else scopes(row.unit_id, row.use_case_id, row.vendor_id):
                    found[kpi.key, term.series, month, *scope] += sums
    return {scope: rounded(sums) for scope, sums in found.items()} | new_sets()


def _last_counts(by_id: dict[int, str]) -> Iterable[Observation]:
    """All observations; of a stock that was counted several times in a month only the last count."""
    stocks: dict[object, Observation] = {}
    for row in Observation.objects.order_by("observed_at"):
        if catalogue.current().measures[by_id[row.measure]].counts == "events":
            yield row
        else:
            stocks[row.feed_id, row.natural_key, months.first(row.observed_at.date())] = row
    yield from stocks.values()


def new_sets() -> dict[Scope, Sums]:
    """In which months a suite was graded on another set than before."""
    found: dict[Scope, Sums] = defaultdict(Sums)
    before: dict[object, str] = {}
    seen: set[object] = set()
    for run in PinnedRun.objects.order_by("observed_at", "pk"):
        suite = run.feed_id, run.unit_id, run.use_case_id, run.suite
        month = months.first(run.observed_at.date())
        if before.get(suite, run.digest) != run.digest and (suite, month) not in seen:
            seen.add((suite, month))
            for scope in scopes(run.unit_id, run.use_case_id, None):
                found["model_quality", "new_set", month, *scope] += Sums(num=Decimal(1))
        before[suite] = run.digest
    return dict(found)


def scopes(unit: int, use_case: int | None, vendor: int | None) -> list[tuple[int, int | None, int | None]]:
    """The unit, and the use case and vendor in it, if there are any."""
    found: list[tuple[int, int | None, int | None]] = [(unit, None, None)]
    if use_case is not None:
        found.append((unit, use_case, None))
    if vendor is not None:
        found.append((unit, None, vendor))
    return found


def stored(*families: str) -> dict[Scope, Sums]:
    """What the rollups wrote; what is gone (and kept as zeros) left out."""
    rows = KpiValue.objects.filter(inputs__gt=0)
    rows = rows.filter(family__in=families) if families else rows
    return {
        (row.kpi, row.series, row.month, row.unit_id, row.use_case_id, row.vendor_id): Sums(
            row.num, row.den, row.n, histogram(row.hist or ())
        )
        for row in rows
    }


def rounded(sums: Sums) -> Sums:
    return Sums(sums.num.quantize(MICRO), sums.den.quantize(MICRO), sums.n, sums.hist)


def _part(row: Observation, column: str | None) -> Decimal:
    value = getattr(row, column) if column else None
    return Decimal(0) if value is None else Decimal(str(value))
