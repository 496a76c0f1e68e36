"""A draft of a definition beside the one in force, on what is there already; nothing is written."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import connection

from kpis import catalogue, months, rollup_sql, words
from kpis.catalogue import Kpi
from kpis.defining import counts_the_same
from kpis.models import Target
from kpis.selectors.readings import Reading, readings
from kpis.selectors.scorecard import default_month
from kpis.selectors.sums import Cell, Cells, read
from kpis.selectors.targets import Targets
from kpis.selectors.versions import changes
from kpis.services import rollups
from kpis.status import Direction
from kpis.values import Formula, Sums

SHOWN = 3  # months


@dataclass(frozen=True, slots=True)
class Side:
    """The value of a month by one of the two definitions."""

    reading: Reading

    @property
    def made_of(self) -> str:
        return words.made_of(self.reading.kpi, self.reading.sums) if self.reading.value is not None else ""


@dataclass(frozen=True, slots=True)
class Trial:
    """What a draft would change."""

    draft: Kpi
    before: Kpi | None
    changes: tuple[str, ...]
    months: tuple[tuple[date, Side | None, Side], ...]  # the newest first: as it is, and as it would be
    targets: int  # set for units in another direction or unit of measure

    @property
    def counts_again(self) -> bool:
        return self.before is None or not counts_the_same(self.before, self.draft)


def try_kpi(draft: Kpi, before: Kpi | None) -> Trial:
    """The last months of the whole organisation by both definitions; reads only."""
    wanted = months.back(default_month(), SHOWN)
    old = _stored(before, before, wanted) if before else {}
    is_stored = before is not None and counts_the_same(before, draft)
    new = _stored(before, draft, wanted) if before and is_stored else _counted(draft, wanted)
    told = changes(before.model_dump(mode="json"), draft.model_dump(mode="json"), "becomes") if before else ()
    rows = tuple(
        (month, _side(before, old, month) if before else None, _side(draft, new, month)) for month in reversed(wanted)
    )
    return Trial(draft, before, told, rows, _targets_astray(draft, before))


def _side(kpi: Kpi, cells: Cells, month: date) -> Side:
    (reading,) = readings([kpi], cells, Targets(()), month, length=1)
    return Side(reading)


def _windows(kpi: Kpi, wanted: Iterable[date]) -> list[date]:
    """Every month that the windows of these months reach."""
    return sorted({each for month in wanted for each in kpi.window.months(month)})


def _stored(stored: Kpi, kpi: Kpi, wanted: Iterable[date]) -> Cells:
    """The sums that the scorecard has."""
    reached = _windows(kpi, wanted)
    return read([stored], None, reached[0], reached[-1], histograms=kpi.formula is Formula.PERCENTILE)


def _counted(draft: Kpi, wanted: Iterable[date]) -> Cells:
    """The sums that a rollup would write, month by month."""
    book, cells = catalogue.current(), dict[tuple[str, str], dict[date, Cell]]()
    for month in _windows(draft, wanted):
        parameters = rollups.parameters_of(book, (draft,), month)
        later = bool(parameters["stocks"] or parameters["pinned"])
        with connection.cursor() as cursor:
            cursor.execute(rollup_sql.sums_statement(later=later), parameters)
            for kpi, series, num, den, n in cursor.fetchall():
                cells.setdefault((kpi, series), {})[month] = Cell(Sums(num, den, n), 1, 1)
    return cells


def _targets_astray(draft: Kpi, before: Kpi | None) -> int:
    """Targets of units whose bounds would mean something else, or nothing."""
    if before is None or (before.direction, before.uom) == (draft.direction, draft.uom):
        return 0
    bounds = {Direction.UP: (True, False), Direction.DOWN: (False, True), Direction.BAND: (True, True)}
    found = Target.objects.filter(kpi=draft.key).values_list("low", "high")
    if before.uom != draft.uom:
        return len(found)
    return sum((low is not None, high is not None) != bounds[draft.direction] for low, high in found)
