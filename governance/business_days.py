"""Business days: which days count for the clocks of a unit."""

from collections.abc import Callable, Collection, Mapping
from datetime import date, timedelta

Holidays = Callable[[int], Mapping[date, str]]  # year -> its holidays, with their names
_WEEK = 7


class WorkingDays:
    """The week and the holidays of one calendar; days of the week count from 0, Monday."""

    def __init__(self, name: str, weekend: Collection[int], holidays: Holidays) -> None:
        if not set(weekend) < set(range(_WEEK)):
            raise ValueError("A week has at least one business day.")
        self.name, self.weekend, self._holidays = name, frozenset(weekend), holidays

    def is_business_day(self, day: date) -> bool:
        return day.weekday() not in self.weekend and day not in self._holidays(day.year)

    def holiday(self, day: date) -> str:
        """What a day is called on which nobody works; empty for others."""
        return self._holidays(day.year).get(day, "")

    def add(self, start: date, days: int) -> date:
        """The day that lies DAYS business days after START; START itself does not count."""
        if days < 0:
            raise ValueError("Business days are counted forwards.")
        day = start
        while days:
            day += timedelta(days=1)
            days -= self.is_business_day(day)
        return day

    def at_or_after(self, day: date) -> date:
        """DAY if it is a business day, else the next one: what falls due on a holiday is due after it."""
        return day if self.is_business_day(day) else self.add(day, 1)

    def between(self, start: date, end: date) -> int:
        """Business days after START up to and with END; 0 if END is not later."""
        weeks, rest = divmod(max(0, (end - start).days), _WEEK)
        tail = sum((start + timedelta(days=n)).weekday() not in self.weekend for n in range(1, rest + 1))
        closed = (day for year in range(start.year, end.year + 1) for day in self._holidays(year))
        return (
            weeks * (_WEEK - len(self.weekend))
            + tail
            - sum(start < day <= end and day.weekday() not in self.weekend for day in closed)
        )


def fixed(days: Collection[date], name: str = "Holiday") -> Holidays:
    """Holidays that somebody has written down day by day."""
    return lambda year: {day: name for day in days if day.year == year}
