"""What people say about a figure."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from caio_portal.common import clock


class KpiNote(models.Model):
    """Why a KPI of a unit was what it was in a month: an annotation, which its author may take back."""

    kpi = models.CharField(max_length=40)
    unit = models.ForeignKey("accounts.OrgUnit", models.PROTECT, null=True, related_name="+")
    month = models.DateField()
    text = models.CharField(max_length=500)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    written_at = models.DateTimeField(default=clock.now)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "kpi_note"
        ordering = ["-month", "-pk"]
        constraints = [
            models.CheckConstraint(name="kpi_note_says_something", condition=~Q(text="")),
            models.CheckConstraint(name="kpi_note_month_is_its_first_day", condition=Q(month__day=1)),
        ]
        indexes = [models.Index(name="kpi_note_by_kpi", fields=["kpi", "month"], condition=Q(removed_at=None))]

    def __str__(self) -> str:
        return self.text
