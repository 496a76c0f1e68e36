"""Business calendars, and which units go by them."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from caio_portal.common import clock


class BusinessCalendar(models.Model):
    """Which days count for clocks: a weekend and holidays, written as a document."""

    name = models.CharField(max_length=80, unique=True)
    source = models.TextField()  # the document as it was typed, with its comments
    document = models.JSONField()
    sha256 = models.CharField(max_length=64, editable=False)
    weekend = ArrayField(models.SmallIntegerField())  # ISO days, 1 for Monday: for the sums of the database
    changed_at = models.DateTimeField(default=clock.now)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "business_calendar"
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(name="business_calendar_has_a_business_day", condition=Q(weekend__len__lte=6))
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/calendars/{self.pk}/"


class CalendarDay(models.Model):
    """A holiday of a calendar, worked out from its document for the sums of the database."""

    calendar = models.ForeignKey(BusinessCalendar, models.CASCADE, related_name="days")
    day = models.DateField()
    name = models.CharField(max_length=100)

    class Meta:
        db_table = "calendar_day"
        constraints = [models.UniqueConstraint(name="calendar_day_once", fields=["calendar", "day"])]

    def __str__(self) -> str:
        return f"{self.name}, {self.day}"


class UnitCalendar(models.Model):
    """A unit goes by a calendar, and so do the units below it; without one it goes by that of the unit above."""

    unit = models.OneToOneField("accounts.OrgUnit", models.PROTECT, primary_key=True, related_name="+")
    calendar = models.ForeignKey(BusinessCalendar, models.PROTECT, null=True, related_name="units")

    class Meta:
        db_table = "unit_calendar"

    def __str__(self) -> str:
        return f"{self.unit_id} by {self.calendar_id}"
