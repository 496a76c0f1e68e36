"""Business calendars: documents of a weekend and of holidays, by day or by rule."""

from governance.calendars.files import SHIPPED, read, shipped
from governance.calendars.schema import CalendarDocument, Holiday, Weekday

__all__ = ["SHIPPED", "CalendarDocument", "Holiday", "Weekday", "read", "shipped"]
