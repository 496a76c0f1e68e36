"""Which target holds for whom and when."""

from collections.abc import Callable, Collection, Iterable
from datetime import date
from functools import cache

from django.db.models import Q

from caio_portal.accounts.models import OrgUnit
from kpis import months
from kpis.catalogue import Kpi
from kpis.models import Target
from kpis.selectors.sums import UnitIds
from kpis.status import Bands


class Targets:
    """The targets that may hold for a set of units: its top unit's own, those of units above, else the catalogue's."""

    def __init__(self, rows: Iterable[tuple[Target, int]]) -> None:
        self._rows: dict[tuple[str, str], tuple[int, Bands]] = {}
        for row, depth in rows:
            known = self._rows.get((row.kpi, row.period))
            if known is None or known[0] < depth:
                self._rows[row.kpi, row.period] = depth, row.bands

    def bands(self, kpi: Kpi, month: date) -> Bands:
        """The target for a month: the quarter's, else the year's, else the standing one."""
        for period in (months.quarter(month), str(month.year), ""):
            if found := self._rows.get((kpi.key, period)):
                return found[1]
        return kpi.bands


def targets(units: UnitIds, keys: Collection[str] | None = None, top: str | None = None) -> Targets:
    """In two queries; in one when TOP, the path of the unit above all UNITS, is known."""
    path = _top(units) if top is None else top
    above = Q(unit=None) | Q(unit__path__in=_prefixes(path)) if path else Q(unit=None)
    rows = Target.objects.filter(above).select_related("unit")
    if keys is not None:
        rows = rows.filter(kpi__in=keys)
    return Targets((row, row.unit.depth + 1 if row.unit else 0) for row in rows)


def targets_by_unit(keys: Collection[str]) -> Callable[[str], Targets]:
    """For the path of any unit the targets that hold for it; in one query, however many units."""
    rows = list(Target.objects.filter(kpi__in=keys).select_related("unit"))

    @cache
    def holding(path: str) -> Targets:
        return Targets(
            (row, row.unit.depth + 1 if row.unit else 0)
            for row in rows
            if row.unit is None or path.startswith(row.unit.path)
        )

    return holding


def _top(units: UnitIds) -> str:
    """The path of the unit that all the others are below; empty if there is none."""
    if not units:
        return ""
    paths = list(OrgUnit.objects.filter(pk__in=units).order_by("path").values_list("path", flat=True))
    shortest = min(paths, key=len, default="")
    return shortest if all(path.startswith(shortest) for path in paths) else ""


def _prefixes(path: str) -> list[str]:
    keys = path.rstrip(".").split(".")
    return [".".join(keys[: count + 1]) + "." for count in range(len(keys))]
