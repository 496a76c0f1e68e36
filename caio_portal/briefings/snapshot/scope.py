"""What a briefing is about: one organisation, one quarter, one moment."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from caio_portal.accounts.models import OrgUnit
from caio_portal.common import clock
from caio_portal.common.errors import Invalid
from caio_portal.common.quarters import Quarter
from portfolio.value import CURRENCY

__all__ = ["CURRENCY", "Scope", "board_scope"]


@dataclass(frozen=True)
class Scope:
    unit: OrgUnit
    unit_ids: frozenset[int]
    quarter: Quarter
    as_of: datetime

    @property
    def begins(self) -> datetime:
        return datetime.combine(self.quarter.first_day, time(), UTC)

    @property
    def ends(self) -> datetime:
        """The first moment after the quarter, or now if it still runs."""
        return min(datetime.combine(self.quarter.next.first_day, time(), UTC), self.as_of)

    @property
    def today(self) -> date:
        return self.as_of.date()

    @property
    def last_day(self) -> date:
        return min(self.quarter.last_day, self.today)

    @property
    def month(self) -> date:
        """The last month of the quarter that has begun."""
        return self.last_day.replace(day=1)


def board_scope(quarter: Quarter) -> Scope:
    """The organisation that the board answers for: the root unit that was made first, with all below it."""
    unit = OrgUnit.objects.filter(parent=None).order_by("pk").first()
    if unit is None:
        raise Invalid("There is no unit yet: a briefing needs an organisation.")
    unit_ids = frozenset(OrgUnit.objects.below(unit).values_list("pk", flat=True))
    return Scope(unit, unit_ids, quarter, clock.now().astimezone(UTC).replace(microsecond=0))
