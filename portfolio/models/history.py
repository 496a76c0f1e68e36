"""What happened to a use case: its facts as they changed, and its moves. Rows are added, never changed."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from caio_portal.common import clock
from portfolio.stages import Stage


class ChangeSource(models.TextChoices):
    ANSWER = "answer", "Answer"
    IMPORT = "import", "Import"
    REVIEW = "review", "Review"
    SYSTEM = "system", "System"


class MoveKind(models.TextChoices):
    GATED = "gated", "Through the gate"
    RECORDED = "recorded", "Recorded"  # of what already runs: it gives no approval


class FactChange(models.Model):
    """One fact that got a value, or lost it (null: unknown again)."""

    use_case = models.ForeignKey("portfolio.UseCase", models.PROTECT, related_name="fact_changes")
    fact = models.CharField(max_length=60)
    value = models.JSONField(null=True)
    source = models.CharField(max_length=6, choices=ChangeSource)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    batch = models.ForeignKey("portfolio.ImportBatch", models.PROTECT, null=True, related_name="fact_changes")
    recorded_at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "fact_change"
        constraints = [
            models.CheckConstraint(name="fact_change_source_is_known", condition=Q(source__in=ChangeSource.values)),
            models.CheckConstraint(name="fact_change_names_a_fact", condition=~Q(fact="")),
        ]

    def __str__(self) -> str:
        return f"{self.fact} = {self.value}"


class StageMove(models.Model):
    """One move of a use case from a stage to another; the first one has no stage before it."""

    use_case = models.ForeignKey("portfolio.UseCase", models.PROTECT, related_name="moves")
    before = models.CharField(max_length=10, choices=Stage, null=True)  # noqa: DJ001 (null: there was none)
    after = models.CharField(max_length=10, choices=Stage)
    kind = models.CharField(max_length=8, choices=MoveKind)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    reason = models.TextField(blank=True)
    moved_at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "stage_move"
        ordering = ["moved_at", "pk"]
        indexes = [models.Index(name="stage_move_on", fields=["moved_at"], condition=Q(before__isnull=False))]
        constraints = [
            models.CheckConstraint(name="stage_move_kind_is_known", condition=Q(kind__in=MoveKind.values)),
            models.CheckConstraint(
                name="stage_move_stages_are_known",
                condition=Q(after__in=Stage.values) & (Q(before__isnull=True) | Q(before__in=Stage.values)),
            ),
            models.CheckConstraint(
                name="stage_move_goes_somewhere", condition=Q(before__isnull=True) | ~Q(before=models.F("after"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.before or 'none'} → {self.after}"


class Remark(models.Model):
    """What somebody who examines a use case says at one of its answers, until it is settled."""

    use_case = models.ForeignKey("portfolio.UseCase", models.PROTECT, related_name="remarks")
    fact = models.CharField(max_length=60)
    text = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=clock.now)
    settled_at = models.DateTimeField(null=True, blank=True, editable=False)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "remark"
        ordering = ["made_at", "pk"]
        indexes = [models.Index(name="remark_open", fields=["use_case", "fact"], condition=Q(settled_at=None))]
        constraints = [
            models.CheckConstraint(name="remark_says_something", condition=Q(text__regex=r"\S")),
            models.CheckConstraint(
                name="remark_settled_by_somebody",
                condition=Q(settled_at=None, settled_by=None) | Q(settled_at__isnull=False, settled_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.text[:80]


class DutyState(models.TextChoices):
    OPEN = "open", "Still to do"
    DONE = "done", "Done"
    NONE = "none", "Does not apply"


class RetirementDuty(models.Model):
    """One line of the checklist of a use case that ended, and who settled it."""

    use_case = models.ForeignKey("portfolio.UseCase", models.PROTECT, related_name="retirement_duties")
    duty = models.CharField(max_length=40)
    state = models.CharField(max_length=4, choices=DutyState, default=DutyState.OPEN)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "retirement_duty"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(name="retirement_duty_once", fields=["use_case", "duty"]),
            models.CheckConstraint(name="retirement_duty_state_known", condition=Q(state__in=DutyState.values)),
        ]

    def __str__(self) -> str:
        return f"{self.duty}: {self.state}"
