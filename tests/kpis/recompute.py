"""The sums of every KPI made again in plain Python, from rows read one by one: what the SQL must agree with."""

from collections import defaultdict
from datetime import date
from decimal import Decimal

from kpis import catalogue, months
from kpis.models import KpiValue, Observation
from kpis.values import Sums, histogram

PEOPLE = {"active_users"}  # who uses two use cases is one person of the unit
MICRO = Decimal("0.000001")
Scope = tuple[str, str, date, int, int | None, int | None]  # kpi, series, month, unit, use case, vendor


def from_observations() -> dict[Scope, Sums]:
    """Every KPI that is made of observations."""
    by_id = {measure.id: key for key, measure in catalogue.current().measures.items()}
    terms = [(kpi, term) for kpi in catalogue.current().kpis for term in kpi.terms]
    found: dict[Scope, Sums] = defaultdict(Sums)
    for row in Observation.objects.all():
        month = months.first(row.observed_at.date())
        for kpi, term in terms:
            if term.measure == by_id[row.measure]:
                hist = histogram(row.hist or ()) if term.hist else ()
                sums = Sums(_part(row, term.num), _part(row, term.den), row.n if term.n else 0, hist)
                is_apart = row.use_case_id is not None and by_id[row.measure] in PEOPLE
                one = [(row.unit_id, row.use_case_id, None)]
                for scope in one if is_apart else scopes(row.unit_id, row.use_case_id, row.vendor_id):
                    found[kpi.key, term.series, month, *scope] += sums
    return {scope: rounded(sums) for scope, sums in found.items()}


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
