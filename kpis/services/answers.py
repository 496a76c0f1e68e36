"""One value on one day, computed from its inputs while somebody waits; nothing of it is kept."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db import transaction

from caio_portal.accounts.models import OrgUnit
from caio_portal.common import clock
from kpis import months
from kpis.catalogue import Kpi
from kpis.selectors.discretion import Discretion
from kpis.selectors.lineage import Lineage, lineage
from kpis.selectors.readings import Reading, readings, until_of
from kpis.selectors.sums import read
from kpis.selectors.targets import targets
from kpis.services import rollups


@dataclass(frozen=True, slots=True)
class Answer:
    """A reading of a unit (all, without one) on a day."""

    unit: OrgUnit | None
    day: date
    reading: Reading
    lineage: Lineage
    computed_at: datetime


def answer(kpi: Kpi, unit: OrgUnit | None, day: date) -> Answer:
    """The value at the end of `day`, by the same rollup that fills the scorecard."""
    units = None if unit is None else frozenset(OrgUnit.objects.below(unit).values_list("pk", flat=True))
    month = months.first(day)
    until = datetime.combine(day + timedelta(days=1), time(), UTC)
    window = kpi.window.months(month)
    with transaction.atomic():
        for each in window:
            rollups.roll_up(kpi.family, each, as_of=until)
        cells = read([kpi], units, window[0], month)
        discreet = until_of(Discretion.of([kpi], window[0], month), units)
        (reading,) = readings([kpi], cells, targets(units, [kpi.key]), month, length=1, until=discreet)
        found = Answer(unit, day, reading, lineage(kpi, units, month), clock.now())
        transaction.set_rollback(True)
    return found
