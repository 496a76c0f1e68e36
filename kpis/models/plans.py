"""What is planned and aimed at."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from caio_portal.common import clock


class BudgetLine(models.Model):
    """What a unit plans, and has committed, to spend in one month on one thing."""

    unit = models.ForeignKey("accounts.OrgUnit", models.PROTECT, related_name="+")
    use_case = models.ForeignKey("portfolio.UseCase", models.PROTECT, null=True, blank=True, related_name="+")
    vendor = models.ForeignKey("vendors.Vendor", models.PROTECT, null=True, blank=True, related_name="+")
    category = models.CharField(max_length=40, blank=True)
    month = models.DateField()
    planned = models.DecimalField(max_digits=20, decimal_places=6)
    committed = models.DecimalField(max_digits=20, decimal_places=6, default=0)
    currency = models.CharField(max_length=3, default="USD")
    set_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        db_table = "budget_line"
        ordering = ["month", "unit"]
        constraints = [
            models.UniqueConstraint(
                name="budget_line_once",
                fields=["month", "unit", "use_case", "vendor", "category", "currency"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(name="budget_line_month_is_its_first_day", condition=Q(month__day=1)),
            models.CheckConstraint(name="budget_line_not_negative", condition=Q(planned__gte=0, committed__gte=0)),
            models.CheckConstraint(name="budget_line_currency_is_a_code", condition=Q(currency__regex="^[A-Z]{3}$")),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.planned} {self.currency}"


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
