"""What a calendar holds, and on which days of a year its holidays fall."""

import calendar
from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from caio_portal.common.records import Record
from governance.business_days import WorkingDays

_LONGEST = 60  # days of one closure
_LAST = 2200  # the last year of which a calendar can say something of its own
KEPT_YEARS = range(1970, _LAST + 1)  # whose holidays the database knows, for what it counts by itself


class Weekday(StrEnum):
    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"

    @property
    def number(self) -> int:
        """From 0, Monday."""
        return list(Weekday).index(self)


class Observed(StrEnum):
    """When a holiday is kept that falls on the weekend."""

    SAME = "same"  # then it is lost
    NEAREST = "nearest"  # Saturday's on Friday, Sunday's on Monday
    NEXT = "next"  # on the next day that is neither weekend nor holiday


class Holiday(Record):
    """Either once (`on`, perhaps `until`), or each year: on a day of a month, the nth weekday of one, or by Easter."""

    name: str = Field(min_length=1, max_length=80)
    on: date | None = None
    until: date | None = None
    month: int | None = Field(default=None, ge=1, le=12)
    day: int | None = Field(default=None, ge=1, le=31)
    weekday: Weekday | None = None
    nth: int | None = Field(default=None, ge=-1, le=5)  # -1: the last of the month
    easter: int | None = Field(default=None, ge=-100, le=100)  # days after Easter Sunday
    observed: Observed = Observed.SAME
    first_year: int | None = Field(default=None, ge=1900, le=_LAST)
    last_year: int | None = Field(default=None, ge=1900, le=_LAST)

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        given = {name for name in ("on", "month", "day", "weekday", "nth", "easter") if getattr(self, name) is not None}
        if given not in ({"on"}, {"month", "day"}, {"month", "weekday", "nth"}, {"easter"}):
            raise ValueError(f"{self.name}: give `on`, or `month` and `day`, or `month`, `weekday`, `nth`, or `easter`")
        if self.nth == 0:
            raise ValueError(f"{self.name}: the weekdays of a month count from 1; -1 is the last one")
        if self.day is not None and self.month is not None and self.day > calendar.monthrange(2024, self.month)[1]:
            raise ValueError(f"{self.name}: month {self.month} has no day {self.day}")
        if self.until is not None:
            self._require_closure(self.until)
        return self

    def _require_closure(self, until: date) -> None:
        if self.on is None or not timedelta(0) <= until - self.on <= timedelta(days=_LONGEST):
            raise ValueError(f"{self.name}: `until` ends what begins with `on`, at most {_LONGEST} days later")

    def falls_on(self, year: int) -> Iterator[date]:
        """The days themselves, before they are moved off a weekend."""
        if not (self.first_year or year) <= year <= (self.last_year or year):
            return
        if self.on is not None:
            last = self.until or self.on
            for offset in range((last - self.on).days + 1):
                if (day := self.on + timedelta(days=offset)).year == year:
                    yield day
        elif self.easter is not None:
            yield easter(year) + timedelta(days=self.easter)
        elif self.weekday is not None:
            yield from self._nth_weekday(year, self.weekday)
        elif self.day is not None and self.day <= calendar.monthrange(year, self.month or 1)[1]:
            yield date(year, self.month or 1, self.day)

    def _nth_weekday(self, year: int, weekday: Weekday) -> Iterator[date]:
        month, length = self.month or 1, calendar.monthrange(year, self.month or 1)[1]
        found = [date(year, month, n) for n in range(1, length + 1) if date(year, month, n).weekday() == weekday.number]
        if self.nth is not None and self.nth <= len(found):
            yield found[self.nth - 1 if self.nth > 0 else -1]


class CalendarDocument(Record):
    """Which days of the week are the weekend, and which days are holidays."""

    name: str = Field(min_length=1, max_length=80)
    weekend: tuple[Weekday, ...] = Field(max_length=6)
    holidays: tuple[Holiday, ...] = ()

    @model_validator(mode="after")
    def _names_each_day_once(self) -> Self:
        if len(set(self.weekend)) != len(self.weekend):
            raise ValueError("weekend names a day twice")
        return self

    def holidays_of(self, year: int) -> dict[date, str]:
        """The days without business in a year, in order; what is moved may come from the years beside it."""
        days = {day: name for near in (year - 1, year, year + 1) for day, name in self._kept(near).items()}
        return {day: days[day] for day in sorted(days) if day.year == year}

    def working_days(self) -> WorkingDays:
        """The calendar to count with; each year is worked out once."""
        known: dict[int, dict[date, str]] = {}

        def holidays(year: int) -> dict[date, str]:
            if year not in known:
                known[year] = self.holidays_of(year)
            return known[year]

        return WorkingDays(self.name, [day.number for day in self.weekend], holidays)

    @property
    def weekend_words(self) -> str:
        return " and ".join(day.value.capitalize() for day in self.weekend) or "None"

    def _kept(self, year: int) -> dict[date, str]:
        """The holidays that fall in a year, on the days on which they are kept."""
        fallen = [(day, holiday) for holiday in self.holidays for day in holiday.falls_on(year)]
        kept: dict[date, str] = {}
        for day, holiday in sorted(fallen, key=lambda pair: pair[0]):
            if holiday.observed == Observed.SAME or not self._is_off(day):
                kept.setdefault(day, holiday.name)
        for day, holiday in sorted(fallen, key=lambda pair: pair[0]):
            if holiday.observed != Observed.SAME and self._is_off(day):
                moved = self._moved(day, holiday.observed, kept)
                kept.setdefault(moved, f"{holiday.name} (observed)")
        return kept

    def _is_off(self, day: date) -> bool:
        return any(day.weekday() == off.number for off in self.weekend)

    def _moved(self, day: date, how: Observed, taken: dict[date, str]) -> date:
        for distance in range(1, _LONGEST):
            steps = (-distance, distance) if how == Observed.NEAREST else (distance,)
            for step in steps:
                other = day + timedelta(days=step)
                if not self._is_off(other) and other not in taken:
                    return other
        return day


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (the anonymous algorithm of 1876)."""
    golden, century, rest = year % 19, year // 100, year % 100
    leap, odd = divmod(century, 4)
    moved = (century - (century + 8) // 25 + 1) // 3
    full_moon = (19 * golden + century - leap - moved + 15) % 30
    sunday = (32 + 2 * odd + 2 * (rest // 4) - full_moon - rest % 4) % 7
    late = (golden + 11 * full_moon + 22 * sunday) // 451
    month, day = divmod(full_moon + sunday - 7 * late + 114, 31)
    return date(year, month, day + 1)
