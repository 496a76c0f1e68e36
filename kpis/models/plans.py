"""What is planned."""

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
