"""What differs between two versions of a calendar, in words."""

from datetime import date

from governance.calendars import CalendarDocument

_AHEAD = 3  # years that are compared
_NAMED = 6


def changes(before: CalendarDocument, after: CalendarDocument, year: int) -> str:
    """Name, weekend, and the holidays of this year and the next that are added or dropped."""
    old, new = _days(before, year), _days(after, year)
    told = [
        f"it is called {after.name}" if before.name != after.name else "",
        f"the weekend is {after.weekend_words}" if before.weekend != after.weekend else "",
        _listed("adds", {day: name for day, name in new.items() if day not in old}),
        _listed("drops", {day: name for day, name in old.items() if day not in new}),
    ]
    return "; ".join(filter(None, told)) or "other words for the same days"


def _days(document: CalendarDocument, year: int) -> dict[date, str]:
    return {day: name for each in range(year, year + _AHEAD) for day, name in document.holidays_of(each).items()}


def _listed(verb: str, days: dict[date, str]) -> str:
    if not days:
        return ""
    shown = [f"{name} ({day:%-d %B %Y})" for day, name in sorted(days.items())[:_NAMED]]
    more = f" and {len(days) - _NAMED} more" if len(days) > _NAMED else ""
    return f"{verb} {', '.join(shown)}{more}"
