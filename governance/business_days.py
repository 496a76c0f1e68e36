"""Business days: Monday to Friday without the house's holidays (`HOLIDAYS`, ISO dates)."""

from collections.abc import Collection
from datetime import date, timedelta
from functools import cache

from django.conf import settings

_SATURDAY = 5


def is_business_day(day: date, holidays: Collection[date] | None = None) -> bool:
    return day.weekday() < _SATURDAY and day not in (_house_holidays() if holidays is None else holidays)


def add(start: date, days: int, holidays: Collection[date] | None = None) -> date:
    """The day that lies DAYS business days after START; START itself does not count."""
    if days < 0:
        raise ValueError("Business days are counted forwards.")
    day = start
    while days:
        day += timedelta(days=1)
        days -= is_business_day(day, holidays)
    return day


def between(start: date, end: date, holidays: Collection[date] | None = None) -> int:
    """Business days after START up to and with END; 0 if END is not later."""
    weeks, rest = divmod(max(0, (end - start).days), 7)
    tail = sum((start + timedelta(days=n)).weekday() < _SATURDAY for n in range(1, rest + 1))
    closed = _house_holidays() if holidays is None else holidays
    return weeks * 5 + tail - sum(start < day <= end and day.weekday() < _SATURDAY for day in closed)


@cache
def _house_holidays() -> frozenset[date]:
    return frozenset(date.fromisoformat(day) for day in settings.HOLIDAYS)
