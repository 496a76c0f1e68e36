"""Who writes calendars, and who says which one a unit goes by."""

from datetime import date

from caio_portal.accounts.models import User
from caio_portal.accounts.roles import Role
from caio_portal.accounts.selectors import roles_of
from governance.business_days import WorkingDays

OFFICE = (Role.CAIO, Role.CAIO_OFFICE)


def objection_to_write(user: User) -> str | None:
    """Any unit may go by a calendar, so it is written by the office of a whole organisation."""
    if roles_of(user).everywhere(*OFFICE):
        return None
    return "Only the CAIO and the CAIO office of the whole organisation write calendars."


def objection_to_give(user: User, unit_id: int) -> str | None:
    if roles_of(user).has(*OFFICE, unit=unit_id):
        return None
    return "Only the CAIO office of a unit says which calendar it goes by."


def objection_to_meet_on(day: date, calendar: WorkingDays) -> str | None:
    """A council meets when people work."""
    if calendar.is_business_day(day):
        return None
    why = calendar.holiday(day) or f"a {day:%A}"
    return f"{day:%-d %B %Y} is {why}, no business day of the calendar “{calendar.name}”."
