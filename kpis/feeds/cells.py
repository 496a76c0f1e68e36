"""Cells of delivered files: what counts as empty, and how dates and numbers are written."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

LARGEST = Decimal(10) ** 14  # what an amount with six decimals can be
MOST = 2**31 - 1  # of a sample or a bucket
CENTURY = range(2000, 2100)  # the years that there are partitions for
EMPTY = frozenset({"", "null", "(null)", "none", "n/a", "nan", "?"})
LONGEST_EMPTY = max(map(len, EMPTY)) + 1
_UTC = frozenset({" UTC", " GMT"})
_DAY_FIRST = re.compile(r"\d{1,2}[/.-]")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def text(cell: str) -> str:
    """The cell without its surroundings; empty for NULL, (null) and their like."""
    stripped = cell.strip()
    return "" if len(stripped) < LONGEST_EMPTY and stripped.lower() in EMPTY else stripped


def number(cell: str) -> Decimal:
    """A number; raises ValueError with a sentence for the report."""
    try:
        value = Decimal(cell)
        if -LARGEST < value < LARGEST:
            return value
    except InvalidOperation:  # no number, or one that cannot be compared
        value = None
    what = "not a number" if value is None else "too large a number" if value.is_finite() else "not a finite number"
    raise ValueError(f"“{cell[:40]}” is {what}.")


def moments(zone: str, order: str) -> Callable[[str], datetime]:
    """How a feed writes moments: the zone of those without one, and whether 5/1/25 is in May (mdy) or January (dmy).

    Format and zone belong to the feed and are never guessed from a row: 5/3/2016 could be either.
    """
    local = ZoneInfo(zone)

    @lru_cache(maxsize=20_000)
    def moment(cell: str) -> datetime:
        stripped = cell.strip()
        if stripped[-4:].upper() in _UTC:
            stripped = f"{stripped[:-4]}+00:00"
        try:
            value = _in_order(stripped, order) if _DAY_FIRST.match(stripped) else datetime.fromisoformat(stripped)
            found = (value if value.tzinfo else value.replace(tzinfo=local)).astimezone(UTC)
        except (ValueError, OverflowError):
            raise ValueError(f"“{cell[:40]}” is not a date.") from None
        if found.year not in CENTURY:
            raise ValueError(f"“{cell[:40]}” is not a date of this century.")
        return found

    return moment


def _in_order(cell: str, order: str) -> datetime:
    """5/1/25, 29-02-2016 01:16, 12/Mar/26 9:41 AM."""
    day_text, _, time_text = cell.partition(" ")
    first, second, year = re.split(r"[/.-]", day_text)
    if second.isalpha():
        month, day = _MONTHS.index(second.lower()[:3]) + 1, int(first)
    else:
        month, day = (int(first), int(second)) if order == "mdy" else (int(second), int(first))
    value = datetime(int(year) + 2000 if len(year) < 3 else int(year), month, day)  # noqa: DTZ001 (the caller adds the zone)
    return datetime.combine(value, _time(time_text)) if time_text else value


def _time(text: str) -> time:
    seconds = ":%S" if text.count(":") == 2 else ""
    return datetime.strptime(text, f"%I:%M{seconds} %p" if text[-1] in "mM" else f"%H:%M{seconds}").time()  # noqa: DTZ007


@lru_cache(maxsize=5_000)
def pairs(cell: str) -> dict[str, Any]:
    """A JSON object in a cell, such as tags; empty if there is none."""
    try:
        value = json.loads(cell) if cell.startswith("{") else {}
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def month_of(moment: datetime) -> date:
    return date(moment.year, moment.month, 1)


def getter(columns: Mapping[str, int], names: Sequence[str]) -> Callable[[Sequence[str]], tuple[str, ...]]:
    """The cells of these columns, of those that there are."""
    places = [columns[name] for name in names if name in columns]
    if len(places) == 1:
        (place,) = places
        return lambda row: (row[place],)
    return itemgetter(*places) if places else lambda row: ()
