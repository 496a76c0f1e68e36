"""Cells of delivered files: what counts as empty, and how dates and numbers are written."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

EMPTY = frozenset({"", "null", "(null)", "none", "n/a", "nan"})


def text(cell: str) -> str:
    """The cell without its surroundings; empty for NULL, (null) and their like."""
    stripped = cell.strip()
    return "" if stripped.lower() in EMPTY else stripped


@lru_cache(maxsize=20_000)
def number(cell: str) -> Decimal:
    """A number; raises ValueError with a sentence for the report."""
    try:
        value = Decimal(cell.strip())
    except InvalidOperation:
        raise ValueError(f"“{cell[:40]}” is not a number.") from None
    if not value.is_finite():
        raise ValueError(f"“{cell[:40]}” is not a finite number.")
    return value


def moments(zone: str, order: str) -> Callable[[str], datetime]:
    """How a feed writes moments: the zone of those without one, and whether 5/1/25 is in May (mdy) or January (dmy).

    Format and zone belong to the feed and are never guessed from a row: 5/3/2016 could be either.
    """
    local = ZoneInfo(zone)

    @lru_cache(maxsize=20_000)
    def moment(cell: str) -> datetime:
        stripped = cell.strip()
        try:
            value = _with_slashes(stripped, order) if "/" in stripped else datetime.fromisoformat(stripped)
        except ValueError:
            raise ValueError(f"“{cell[:40]}” is not a date.") from None
        return (value if value.tzinfo else value.replace(tzinfo=local)).astimezone(UTC)

    return moment


def _with_slashes(cell: str, order: str) -> datetime:
    day_text, _, time_text = cell.partition(" ")
    first, second, year = (int(part) for part in day_text.split("/"))
    month, day = (first, second) if order == "mdy" else (second, first)
    value = datetime(year + 2000 if year < 100 else year, month, day)  # noqa: DTZ001 (the caller adds the zone)
    if not time_text:
        return value
    clock = datetime.strptime(time_text, "%I:%M %p" if time_text[-1] in "mM" else "%H:%M")  # noqa: DTZ007
    return value.replace(hour=clock.hour, minute=clock.minute)


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
