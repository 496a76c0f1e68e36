"""What a use case costs and what it brings."""

from collections.abc import Collection

from django.conf import settings
from django.db import models
from django.db.models import Q


class CostKind(models.TextChoices):
    PLANNED = "planned", "Planned"
    COMMITTED = "committed", "Committed"
    ACTUAL = "actual", "Actual"


class CostCategory(models.TextChoices):
    PEOPLE = "people", "People"
    MODELS = "models", "Models and tokens"
    LICENCES = "licences", "Licences"
    INFRASTRUCTURE = "infrastructure", "Infrastructure"
    DATA = "data", "Data"
    SERVICES = "services", "Outside services"
    TRAINING = "training", "Training and change"
    OTHER = "other", "Other"


class BenefitState(models.TextChoices):
    CLAIMED = "claimed", "Claimed"
    BASELINED = "baselined", "Baselined"
    MEASURED = "measured", "Measured"
    VERIFIED = "verified", "Verified by finance"


class Period(models.TextChoices):
    ONCE = "once", "Once"
    MONTH = "month", "Each month"
    QUARTER = "quarter", "Each quarter"
    YEAR = "year", "Each year"


class CostLine(models.Model):
    """What a use case costs in one month, for one thing."""

    use_case = models.ForeignKey("portfolio.UseCase", models.PROTECT, related_name="cost_lines")
    month = models.DateField()
    category = models.CharField(max_length=14, choices=CostCategory)
    kind = models.CharField(max_length=9, choices=CostKind)
    amount = models.DecimalField(max_digits=20, decimal_places=6)
    currency = models.CharField(max_length=3)
    running = models.BooleanField(null=True, blank=True)  # comes back every month; False: once; None: not stated
    voided_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        db_table = "cost_line"
        ordering = ["month", "category", "pk"]
        constraints = [
            models.CheckConstraint(name="cost_line_month_is_its_first_day", condition=Q(month__day=1)),
            models.CheckConstraint(name="cost_line_kind_is_known", condition=Q(kind__in=CostKind.values)),
            models.CheckConstraint(name="cost_line_category_is_known", condition=Q(category__in=CostCategory.values)),
            models.CheckConstraint(name="cost_line_currency_is_a_code", condition=Q(currency__regex="^[A-Z]{3}$")),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.category} {self.amount} {self.currency}"


class Benefit(models.Model):
    """What a use case is said to bring, from the claim to the figure that finance has verified.

    `worth` is the money that one unit of measure of improvement is worth, in `currency`; without it the benefit is
    shown but not counted in money. A benefit that is the same as that of another use case has no figures of its own:
    it takes its `share` (percent) of those, and whoever adds up counts it once.
    """

    use_case = models.ForeignKey("portfolio.UseCase", models.PROTECT, related_name="benefits")
    metric = models.CharField(max_length=200)
    uom = models.CharField("unit of measure", max_length=40)
    lower_is_better = models.BooleanField(default=False)
    baseline = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)
    target = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)
    value = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)
    worth = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    sample = models.PositiveIntegerField(null=True, blank=True)  # cases, people or days behind the measured value
    low = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)  # the interval around it
    high = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)
    confidence = models.PositiveSmallIntegerField(null=True, blank=True)  # of the interval, in percent
    method = models.TextField(blank=True)
    period = models.CharField(max_length=7, choices=Period)
    starts_on = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=9, choices=BenefitState, default=BenefitState.CLAIMED)
    claimed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    verified_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    same_as = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="shared_by")
    share = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    voided_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        db_table = "benefit"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(name="benefit_state_is_known", condition=Q(state__in=BenefitState.values)),
            models.CheckConstraint(name="benefit_period_is_known", condition=Q(period__in=Period.values)),
            models.CheckConstraint(
                name="benefit_verified_by_means_verified", condition=Q(verified_by=None) | Q(state="verified")
            ),
            models.CheckConstraint(
                name="benefit_baseline_once_baselined", condition=Q(state="claimed") | Q(baseline__isnull=False)
            ),
            models.CheckConstraint(
                name="benefit_value_once_measured",
                condition=Q(state__in=["claimed", "baselined"]) | Q(value__isnull=False),
            ),
            models.CheckConstraint(
                name="benefit_verified_by_somebody_else", condition=~Q(verified_by=models.F("claimed_by"))
            ),
            models.CheckConstraint(
                name="benefit_value_within_its_interval",
                condition=(Q(low=None) | Q(low__lte=models.F("value")))
                & (Q(high=None) | Q(high__gte=models.F("value"))),
            ),
            models.CheckConstraint(
                name="benefit_shared_has_no_figures",
                condition=Q(same_as=None, share=None)
                | Q(same_as__isnull=False, share__range=(0, 100), value=None, target=None, worth=None),
            ),
            models.CheckConstraint(
                name="benefit_worth_has_a_currency", condition=Q(worth=None) | Q(currency__regex="^[A-Z]{3}$")
            ),
        ]

    def __str__(self) -> str:
        return self.metric

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """Not for forms: the service says what is missing at its field, and the database keeps the rest out."""
