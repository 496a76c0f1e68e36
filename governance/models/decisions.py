"""Decisions and what follows: approvals, conditions, suspensions, passages through gates."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from governance.decisions import FAVOURABLE, Outcome
from governance.models.reviews import Capacity, Review


class DecisionKind(models.TextChoices):
    COUNCIL = "council", "Council"
    SINGLE = "single", "Single approver"
    EXECUTIVE = "executive", "Executive"
    STANDING = "standing", "Standing clearance"


class EndReason(models.TextChoices):
    SUPERSEDED = "superseded", "Superseded by another approval"
    EXPIRED = "expired", "Expired"
    REVOKED = "revoked", "Revoked"
    RETIRED = "retired", "The use case was retired"


class Decision(models.Model):
    """The one record that closes a review."""

    review = models.OneToOneField(Review, models.PROTECT, primary_key=True, related_name="decision")
    kind = models.CharField(max_length=10, choices=DecisionKind)
    outcome = models.CharField(max_length=24, choices=Outcome)
    reason = models.TextField()
    tally = models.JSONField(default=dict)
    snapshot_hash = models.CharField(max_length=64)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    capacity = models.CharField(max_length=5, choices=Capacity, default=Capacity.JUDGE, editable=False)
    decided_at = models.DateTimeField()
    receipt = models.TextField()
    receipt_hash = models.CharField(max_length=64)
    signature = models.TextField(blank=True)
    signed_with = models.CharField(max_length=64, blank=True)

    class Meta:
        db_table = "decision"
        constraints = [
            models.CheckConstraint(name="decision_kind_known", condition=Q(kind__in=DecisionKind.values)),
            models.CheckConstraint(name="decision_outcome_known", condition=Q(outcome__in=Outcome.values)),
            # The executive who accepts a risk may be the sponsor, who carries it; every other decision is a judge's.
            models.CheckConstraint(
                name="decision_by_a_judge",
                condition=Q(capacity=Capacity.JUDGE) | Q(kind=DecisionKind.EXECUTIVE, capacity=Capacity.PARTY),
            ),
            models.CheckConstraint(
                name="decision_of_one_names_who",
                condition=Q(kind__in=[DecisionKind.SINGLE, DecisionKind.EXECUTIVE], decided_by__isnull=False)
                | Q(kind__in=[DecisionKind.COUNCIL, DecisionKind.STANDING], decided_by=None),
            ),
            models.CheckConstraint(
                name="decision_standing_clears_or_refuses",
                condition=~Q(kind=DecisionKind.STANDING) | Q(outcome__in=[Outcome.APPROVED, Outcome.PROHIBITED]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()} ({self.get_kind_display().lower()})"

    @property
    def is_favourable(self) -> bool:
        return self.outcome in FAVOURABLE


class Approval(models.Model):
    """Leave to go up to a stage until a day. Stale when the material facts are no longer those decided on."""

    decision = models.OneToOneField(Decision, models.PROTECT, primary_key=True, related_name="approval")
    use_case = models.ForeignKey("portfolio.UseCase", models.PROTECT, related_name="approvals")
    up_to_stage = models.CharField(max_length=12)
    material_hash = models.CharField(max_length=64)
    granted_at = models.DateTimeField()
    valid_until = models.DateField()
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=10, choices=EndReason, blank=True)

    class Meta:
        db_table = "approval"
        constraints = [
            models.UniqueConstraint(name="approval_one_per_use_case", fields=["use_case"], condition=Q(ended_at=None)),
            models.CheckConstraint(
                name="approval_ended_with_reason",
                condition=Q(ended_at=None, end_reason="") | Q(ended_at__isnull=False, end_reason__in=EndReason.values),
            ),
        ]

    def __str__(self) -> str:
        return f"Approval up to {self.up_to_stage} until {self.valid_until:%-d %B %Y}"


class Condition(models.Model):
    """A duty that a decision attaches to an approval. Overdue, it suspends the approval."""

    decision = models.ForeignKey(Decision, models.PROTECT, related_name="conditions")
    text = models.TextField()
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    due_on = models.DateField()
    reminded_at = models.DateTimeField(null=True)
    met_at = models.DateTimeField(null=True)
    evidence = models.ForeignKey("governance.Evidence", models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "condition"
        ordering = ["due_on", "pk"]
        constraints = [
            models.CheckConstraint(
                name="condition_met_with_evidence",
                condition=Q(met_at=None, evidence=None) | Q(met_at__isnull=False, evidence__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.text[:120]


class Suspension(models.Model):
    """An approval gives no leave from one moment to another."""

    approval = models.ForeignKey(Approval, models.PROTECT, related_name="suspensions")
    condition = models.ForeignKey(Condition, models.PROTECT, null=True, related_name="suspensions")
    reason = models.TextField()
    suspended_at = models.DateTimeField()
    restored_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "suspension"
        constraints = [
            models.UniqueConstraint(
                name="suspension_one_open_per_condition",
                fields=["approval", "condition"],
                condition=Q(restored_at=None),
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="suspension_restored_after",
                condition=Q(restored_at=None) | Q(restored_at__gte=F("suspended_at")),
            ),
        ]

    def __str__(self) -> str:
        return self.reason[:120]


class GatePassage(models.Model):
    """How a gated move met its gate: the checklist as it stood, and the approval it relied on."""

    stage_move = models.OneToOneField("portfolio.StageMove", models.PROTECT, primary_key=True, related_name="+")
    checklist = models.JSONField(default=list)
    approval = models.ForeignKey(Approval, models.PROTECT, null=True, related_name="passages")
    exception = models.ForeignKey("governance.PolicyException", models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "gate_passage"

    def __str__(self) -> str:
        return f"Passage of move {self.stage_move_id}"
