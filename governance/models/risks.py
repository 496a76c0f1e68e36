"""Risks of a use case."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.expressions import F

from caio_portal.common import clock


class Treatment(models.TextChoices):
    REDUCE = "reduce", "Reduce"
    AVOID = "avoid", "Avoid"
    TRANSFER = "transfer", "Transfer"
    ACCEPT = "accept", "Accept"


def _from_1_to_5(field: str) -> models.CheckConstraint:
    return models.CheckConstraint(name=f"risk_{field}_is_1_to_5", condition=Q(**{f"{field}__range": (1, 5)}))


class Risk(models.Model):
    """An event that could harm, with likelihood and impact (1 to 5 each) before and after controls."""

    use_case = models.ForeignKey("portfolio.UseCase", models.PROTECT, related_name="+")
    title = models.CharField(max_length=300)
    likelihood = models.PositiveSmallIntegerField()
    impact = models.PositiveSmallIntegerField()
    residual_likelihood = models.PositiveSmallIntegerField()
    residual_impact = models.PositiveSmallIntegerField()
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    treatment = models.CharField(max_length=10, choices=Treatment, default=Treatment.REDUCE)
    mitigation = models.TextField(blank=True)
    recorded_at = models.DateTimeField(default=clock.now)
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_until = models.DateField(null=True, blank=True)
    acceptance = models.TextField(blank=True)  # why it may remain
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "risk"
        ordering = ["-pk"]
        indexes = [models.Index(name="risk_open_by_use_case", fields=["use_case"], condition=Q(closed_at=None))]
        constraints = [
            *map(_from_1_to_5, ("likelihood", "impact", "residual_likelihood", "residual_impact")),
            models.CheckConstraint(name="risk_treatment_is_known", condition=Q(treatment__in=Treatment.values)),
            models.CheckConstraint(name="risk_has_a_title", condition=~Q(title="")),
            models.CheckConstraint(
                name="risk_residual_not_above_inherent",
                condition=Q(residual_likelihood__lte=F("likelihood"), residual_impact__lte=F("impact")),
            ),
            models.CheckConstraint(
                name="risk_accepted_by_somebody_until_a_day",
                condition=Q(accepted_by=None, accepted_at=None, accepted_until=None)
                | Q(accepted_by__isnull=False, accepted_at__isnull=False, accepted_until__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def inherent(self) -> int:
        """Likelihood times impact before controls, 1 to 25."""
        return self.likelihood * self.impact

    @property
    def residual(self) -> int:
        """Likelihood times impact after controls, 1 to 25."""
        return self.residual_likelihood * self.residual_impact

    def is_accepted(self, on: date) -> bool:
        """Whether somebody has signed for it, and the signature still counts on a day."""
        return self.accepted_until is not None and self.accepted_until >= on
