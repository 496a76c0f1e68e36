"""Reads the dates that people write into inventories."""

import re
from datetime import date
from typing import Literal

Order = Literal["mdy", "dmy"]

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = "(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\\.?"
_TIME = r"(?:[T ]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:[ap]m|z)?)?"
_YEARS = range(1950, 2101)
_CENTURY_ENDS = 50  # 49 is 2049, 50 is 1950

_ISO = re.compile(rf"(?P<year>\d{{4}})-(?P<month>\d{{1,2}})(?:-(?P<day>\d{{1,2}}))?{_TIME}$", re.IGNORECASE)
_NUMBERS = re.compile(
    rf"(?P<first>\d{{1,2}})[/.-](?P<second>\d{{1,2}})[/.-](?P<year>\d{{4}}|\d\d){_TIME}$", re.IGNORECASE
)
_MONTH_YEAR = re.compile(r"(?P<month>\d{1,2})[/.-](?P<year>\d{4})$")
_WORDS = (
    re.compile(rf"{_MONTH}[ ,'-]+(?P<year>\d{{4}}|\d\d)$", re.IGNORECASE),
    re.compile(rf"{_MONTH}[ ]+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?[ ]+(?P<year>\d{{4}})$", re.IGNORECASE),
    re.compile(rf"(?P<day>\d{{1,2}})[ -]{_MONTH}[ ,-]+(?P<year>\d{{4}}|\d\d)$", re.IGNORECASE),
)
_YEAR = re.compile(r"(?P<year>\d{4})$")


def read_date(text: str, order: Order = "mdy") -> date | None:
    """The day that TEXT names; the first one of a month or year without a day. None if it cannot be told."""
    text = text.strip()
    if match := _NUMBERS.match(text):
        first, second = int(match["first"]), int(match["second"])
        month, day = (first, second) if order == "mdy" else (second, first)
        return _day(match["year"], month, day)
    for pattern in (_ISO, _MONTH_YEAR, *_WORDS, _YEAR):
        if match := pattern.match(text):
            parts = match.groupdict()
            return _day(parts["year"], _month(parts.get("month") or "1"), int(parts.get("day") or 1))
    return None


def _month(text: str) -> int:
    return int(text) if text.isdecimal() else _MONTHS.index(text[:3].lower()) + 1


def _day(year: str, month: int, day: int) -> date | None:
    number = int(year)
    if len(year) == len("YY"):
        number += 2000 if number < _CENTURY_ENDS else 1900
    if number not in _YEARS:
        return None
    try:
        return date(number, month, day)
    except ValueError:
        return None
