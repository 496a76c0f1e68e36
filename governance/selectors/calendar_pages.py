"""Calendars as their pages show them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch

from caio_portal.accounts.models import OrgUnit
from caio_portal.common import clock
from caio_portal.common.toml_text import Mistake, Mistaken
from governance.calendars import CalendarDocument, read
from governance.models import BusinessCalendar, UnitCalendar

_SHOWN = 40


@dataclass(frozen=True)
class Line:
    """A calendar with what comes next in it, and who goes by it."""

    calendar: BusinessCalendar
    document: CalendarDocument
    upcoming: tuple[date, str] | None
    units: list[OrgUnit]


@dataclass(frozen=True)
class Check:
    """What the text of a calendar means, or what is wrong with it."""

    mistakes: list[Mistake]
    weekend: str = ""
    years: tuple[tuple[int, list[tuple[date, str]]], ...] = ()


def calendar_lines() -> list[Line]:
    """Every calendar; two queries."""
    given = UnitCalendar.objects.select_related("unit").order_by("unit__name")
    found = BusinessCalendar.objects.defer("source").prefetch_related(Prefetch("units", given))
    today = clock.today()
    lines = []
    for calendar in found:
        document = CalendarDocument.model_validate(calendar.document)
        upcoming = next(((day, name) for day, name in _from(document, today) if day >= today), None)
        lines.append(Line(calendar, document, upcoming, [each.unit for each in calendar.units.all()]))
    return lines


def holidays(document: CalendarDocument, year: int) -> list[tuple[date, str]]:
    return list(document.holidays_of(year).items())


def check_source(source: str) -> Check:
    """For the panel beside the editor: the holidays of this year and the next, or the mistakes."""
    try:
        document = read(source)
    except Mistaken as wrong:
        return Check(wrong.mistakes[:_SHOWN])
    year = clock.today().year
    years = tuple((each, holidays(document, each)) for each in (year, year + 1))
    return Check([], document.weekend_words, years)


def _from(document: CalendarDocument, today: date) -> Iterator[tuple[date, str]]:
    for year in (today.year, today.year + 1):
        yield from holidays(document, year)
