"""Months of the company calendar: first days of months, in UTC as everywhere in the portal."""

import calendar
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import lru_cache

from caio_portal.common.quarters import Quarter


class Window(StrEnum):
    """Which months a value is made of, ending with its own."""

    SNAPSHOT = "snapshot"
    MONTH = "month"
    QUARTER = "quarter"
    TRAILING_3 = "trailing_3"
    TRAILING_6 = "trailing_6"
    TRAILING_12 = "trailing_12"
    YEAR_TO_DATE = "year_to_date"

    def months(self, month: date) -> tuple[date, ...]:
        """The months to add up, oldest first."""
        if self is Window.QUARTER:
            return back(month, (month.month - 1) % 3 + 1)
        if self is Window.YEAR_TO_DATE:
            return back(month, month.month)
        return back(month, _LENGTHS.get(self, 1))

    @property
    def label(self) -> str:
        return _LABELS[self]


_LENGTHS = {Window.TRAILING_3: 3, Window.TRAILING_6: 6, Window.TRAILING_12: 12}
_LABELS = {
    Window.SNAPSHOT: "on the last day of the month",
    Window.MONTH: "in the month",
    Window.QUARTER: "in the quarter to date",
    Window.TRAILING_3: "in the last 3 months",
    Window.TRAILING_6: "in the last 6 months",
    Window.TRAILING_12: "in the last 12 months",
    Window.YEAR_TO_DATE: "in the year to date",
}


def first(day: date) -> date:
    return date(day.year, day.month, 1)


def last(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def add(month: date, months: int) -> date:
    """The first day of the month so many months later (or earlier, if negative)."""
    year, index = divmod(month.year * 12 + month.month - 1 + months, 12)
    return date(year, index + 1, 1)


@lru_cache(maxsize=2_000)
def back(month: date, count: int) -> tuple[date, ...]:
    """That many months ending with this one, oldest first."""
    return tuple(add(month, offset) for offset in range(1 - count, 1))


def between(start: date, end: date) -> list[date]:
    """All months from the month of `start` to the month of `end`."""
    span = (end.year - start.year) * 12 + end.month - start.month
    return [add(first(start), offset) for offset in range(span + 1)]


def start(month: date) -> datetime:
    """The first moment of the month."""
    return datetime(month.year, month.month, 1, tzinfo=UTC)


def end(month: date) -> datetime:
    """The moment at which the month is over: the first of the next."""
    return start(add(month, 1))


def quarter(month: date) -> str:
    """As people write it: 2026Q3."""
    return str(Quarter.of(month))


def of_quarter(text: str) -> tuple[date, ...]:
    """The three months of a quarter such as 2026Q3."""
    return Quarter(text.upper()).months


def parse(text: str) -> date:
    """The first day of a month such as 2026-09 (or of the month of a day such as 2026-09-30)."""
    year, month, *_ = text.split("-")
    return date(int(year), int(month), 1)
