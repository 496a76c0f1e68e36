"""What the programme aims at: objectives for outcomes of the enterprise, and the KPIs that tell."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from caio_portal.common import clock


class Objective(models.Model):
    """What the programme wants to achieve in a quarter or year, for which outcome of the enterprise."""

    title = models.CharField(max_length=200)
    outcome = models.CharField(max_length=200, blank=True)
    unit = models.ForeignKey("accounts.OrgUnit", models.PROTECT, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    period = models.CharField(max_length=6)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "objective"
        ordering = ["period", "title"]
        constraints = [
            models.CheckConstraint(name="objective_period_is_known", condition=Q(period__regex=r"^\d{4}(Q[1-4])?$"))
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("kpis:objective_detail", args=[self.pk])


class KeyResult(models.Model):
    """How one would know: a KPI that goes from one value to another."""

    objective = models.ForeignKey(Objective, models.PROTECT, related_name="key_results")
    kpi = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    start = models.DecimalField(max_digits=20, decimal_places=6)
    target = models.DecimalField(max_digits=20, decimal_places=6)
    grade = models.DecimalField(max_digits=3, decimal_places=2, null=True, blank=True)
    graded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "key_result"
        constraints = [
            models.CheckConstraint(name="key_result_goes_somewhere", condition=~Q(start=models.F("target"))),
            models.CheckConstraint(
                name="key_result_grade_from_0_to_1", condition=Q(grade=None) | Q(grade__gte=0, grade__lte=1)
            ),
        ]

    def __str__(self) -> str:
        return self.title


class ObjectiveReview(models.Model):
    """What was said of an objective at the end of a quarter, and how each key result was graded then."""

    objective = models.ForeignKey(Objective, models.PROTECT, related_name="reviews")
    quarter = models.CharField(max_length=6)
    text = models.TextField()
    results = models.JSONField()  # a list of key_result, title, value, computed and grade
    grade = models.DecimalField(max_digits=3, decimal_places=2)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reviewed_at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "objective_review"
        ordering = ["-quarter", "-pk"]
        constraints = [
            models.UniqueConstraint(name="objective_review_once_a_quarter", fields=["objective", "quarter"]),
            models.CheckConstraint(name="objective_review_grade_from_0_to_1", condition=Q(grade__range=(0, 1))),
            models.CheckConstraint(name="objective_review_of_a_quarter", condition=Q(quarter__regex=r"^\d{4}Q[1-4]$")),
        ]

    def __str__(self) -> str:
        return f"{self.objective} {self.quarter}"
