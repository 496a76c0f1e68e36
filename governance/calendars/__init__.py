"""Business calendars: documents of a weekend and of holidays, by day or by rule."""

from governance.calendars.files import SHIPPED, read, shipped
from governance.calendars.schema import KEPT_YEARS, CalendarDocument, Holiday, Weekday

__all__ = ["KEPT_YEARS", "SHIPPED", "CalendarDocument", "Holiday", "Weekday", "read", "shipped"]
