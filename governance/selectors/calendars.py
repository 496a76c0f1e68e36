"""Which calendar the clocks of a unit go by."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.contrib.postgres.aggregates import JSONBAgg
from django.db.models import Subquery, Value
from django.db.models.functions import JSONArray

from caio_portal.accounts.models import OrgUnit
from governance.business_days import WorkingDays, fixed
from governance.calendars import CalendarDocument
from governance.models import BusinessCalendar, UnitCalendar

HOUSE = "Monday to Friday"
_GIVEN = ("unit__path", "calendar", "calendar__sha256")


@dataclass(frozen=True)
class Calendars:
    """The calendars of all units, read at once."""

    by_path: Mapping[str, WorkingDays]

    def of(self, unit: OrgUnit) -> WorkingDays:
        return self.at(unit.path)

    def at(self, path: str) -> WorkingDays:
        """The calendar of the unit with this path, or of the nearest one above that has one, or the house's."""
        nearest = max((one for one in self.by_path if path.startswith(one)), key=len, default=None)
        return house() if nearest is None else self.by_path[nearest]


def calendars() -> Calendars:
    """One query, and one more for each calendar that this process has not read yet."""
    return known_from(UnitCalendar.objects.exclude(calendar=None).values_list(*_GIVEN))


def in_passing() -> Subquery:
    """For `annotate`: all that `known_from` needs, as one value of a query that is asked anyway."""
    given = UnitCalendar.objects.exclude(calendar=None).order_by().annotate(all=Value(1)).values("all")
    return Subquery(given.annotate(rows=JSONBAgg(JSONArray(*_GIVEN))).values("rows"))


def known_from(rows: Iterable[Sequence[Any]] | None) -> Calendars:
    """The calendars of rows with the path of a unit, the key of its calendar and that calendar's hash."""
    return Calendars({path: _working_days(key, digest) for path, key, digest in rows or ()})


def calendar_of(unit: OrgUnit) -> WorkingDays:
    return calendars().of(unit)


def working_days_of(calendar: BusinessCalendar) -> WorkingDays:
    return _working_days(calendar.pk, calendar.sha256)


def house() -> WorkingDays:
    """What holds where no unit has a calendar: Monday to Friday without `HOLIDAYS`."""
    return _house(tuple(settings.HOLIDAYS))


@lru_cache(maxsize=4)
def _house(days: tuple[str, ...]) -> WorkingDays:
    return WorkingDays(HOUSE, (5, 6), fixed([date.fromisoformat(day) for day in days]))


@lru_cache(maxsize=64)
def _working_days(key: int, sha256: str) -> WorkingDays:
    document = BusinessCalendar.objects.values_list("document", flat=True).get(pk=key)
    return CalendarDocument.model_validate(document).working_days()
