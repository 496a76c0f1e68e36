"""How the office weighs what use cases have to offer; the last row counts, earlier ones are kept."""

from collections.abc import Collection

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from caio_portal.common import clock


class Weighing(models.Model):
    """The weights (0 to 100, relative to each other) of four scores, and the topic areas that fit the strategy."""

    value = models.PositiveSmallIntegerField(default=40)
    feasibility = models.PositiveSmallIntegerField(default=20)
    risk = models.PositiveSmallIntegerField(default=20)
    fit = models.PositiveSmallIntegerField(default=20)
    topics = models.JSONField(default=list, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    set_at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "weighing"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="weighing_has_weight", condition=Q(value__gt=-F("feasibility") - F("risk") - F("fit"))
            ),
            models.CheckConstraint(
                name="weighing_at_most_100",
                condition=Q(value__lte=100, feasibility__lte=100, risk__lte=100, fit__lte=100),
            ),
        ]

    def __str__(self) -> str:
        return f"value {self.value}, feasibility {self.feasibility}, risk {self.risk}, fit {self.fit}"

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """Not for forms: these say what is wrong at its field, and the database keeps the rest out."""

    @property
    def total(self) -> int:
        return self.value + self.feasibility + self.risk + self.fit
