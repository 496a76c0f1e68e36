"""Other units that take part in a use case instead of registering it a second time."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from caio_portal.common import clock


class BranchState(models.TextChoices):
    ASKED = "asked", "Asked"
    JOINED = "joined", "Joined"
    DECLINED = "declined", "Declined"
    ENDED = "ended", "Ended"


class Branch(models.Model):
    """One unit's part in a use case of another: with a purpose of its own, and the conditions on which it joined."""

    use_case = models.ForeignKey("portfolio.UseCase", models.PROTECT, related_name="branches")
    unit = models.ForeignKey("accounts.OrgUnit", models.PROTECT, related_name="+")
    purpose = models.TextField()
    state = models.CharField(max_length=8, choices=BranchState, default=BranchState.ASKED)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=clock.now)
    conditions = models.TextField(blank=True)  # on which it joined, or why it was declined
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True, editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        db_table = "branch"
        ordering = ["asked_at", "pk"]
        constraints = [
            models.CheckConstraint(name="branch_state_is_known", condition=Q(state__in=BranchState.values)),
            models.CheckConstraint(name="branch_has_a_purpose", condition=Q(purpose__regex=r"\S")),
            models.CheckConstraint(
                name="branch_is_settled_by_somebody",
                condition=Q(state="asked", settled_at=None, settled_by=None)
                | Q(settled_at__isnull=False, settled_by__isnull=False) & ~Q(state="asked"),
            ),
            models.CheckConstraint(
                name="branch_ended_at_a_time", condition=Q(state="ended") ^ Q(ended_at__isnull=True)
            ),
            models.UniqueConstraint(
                name="branch_once_per_unit", fields=["use_case", "unit"], condition=Q(state__in=["asked", "joined"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} in {self.use_case}"
