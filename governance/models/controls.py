"""Controls of a use case: their state, the evidence for it, and exceptions from them."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from caio_portal.common import clock


class State(models.TextChoices):
    NOT_STARTED = "not_started", "Not started"
    IN_PROGRESS = "in_progress", "In progress"
    MET = "met", "Met"
    NOT_APPLICABLE = "not_applicable", "Not applicable"
    EXCEPTED = "excepted", "Excepted"


class Grade(models.TextChoices):
    UNGRADED = "ungraded", "Not graded"
    WEAK = "weak", "Weak"
    ADEQUATE = "adequate", "Adequate"
    STRONG = "strong", "Strong"


class ExceptionKind(models.TextChoices):
    ORDINARY = "ordinary", "Ordinary exception"
    WAIVER = "waiver", "Waiver under OMB M-25-21"
    PILOT = "pilot", "Pilot exemption"
    PRESUMPTION = "presumption", "Presumption overridden"


class ControlState(models.Model):
    """How far a use case is with a control; without a row it is not started."""

    use_case = models.ForeignKey("portfolio.UseCase", models.PROTECT, related_name="+")
    control = models.CharField(max_length=10)
    state = models.CharField(max_length=14, choices=State, default=State.NOT_STARTED)
    reason = models.TextField(blank=True)
    changed_at = models.DateTimeField(default=clock.now)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "control_state"
        ordering = ["control"]
        constraints = [
            models.UniqueConstraint(name="control_state_one_per_use_case", fields=["use_case", "control"]),
            models.CheckConstraint(name="control_state_is_known", condition=Q(state__in=State.values)),
            models.CheckConstraint(
                name="control_state_not_applicable_for_a_reason",
                condition=~Q(state=State.NOT_APPLICABLE) | ~Q(reason=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.control}: {self.get_state_display().lower()}"


class Evidence(models.Model):
    """A file, a link or an attestation, with its hash, its author and the last day on which it counts."""

    title = models.CharField(max_length=200)
    file = models.ForeignKey("common.StoredFile", models.PROTECT, null=True, blank=True, related_name="+")
    url = models.URLField(max_length=500, blank=True)
    attestation = models.TextField(blank=True)
    sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(default=clock.now)
    valid_until = models.DateField(null=True, blank=True)
    grade = models.CharField(max_length=10, choices=Grade, default=Grade.UNGRADED)
    graded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "evidence"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="evidence_is_one_thing",
                condition=Q(file__isnull=False, url="", attestation="")
                | (Q(file=None, attestation="") & ~Q(url=""))
                | (Q(file=None, url="") & ~Q(attestation="")),
            ),
            models.CheckConstraint(name="evidence_grade_is_known", condition=Q(grade__in=Grade.values)),
            models.CheckConstraint(
                name="evidence_graded_by_another",
                condition=Q(graded_by=None) | Q(by=None) | ~Q(graded_by=F("by")),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def is_valid(self, on: date) -> bool:
        """Whether it still counts on a day."""
        return self.withdrawn_at is None and (self.valid_until is None or self.valid_until >= on)


class EvidenceUse(models.Model):
    """A piece of evidence counts for a control of a use case."""

    evidence = models.ForeignKey(Evidence, models.PROTECT, related_name="uses")
    control_state = models.ForeignKey(ControlState, models.PROTECT, related_name="uses")

    class Meta:
        db_table = "evidence_use"
        constraints = [models.UniqueConstraint(name="evidence_use_once", fields=["evidence", "control_state"])]

    def __str__(self) -> str:
        return f"{self.evidence_id} for {self.control_state_id}"


class PolicyException(models.Model):
    """Leave to miss one control or requirement for a time, with what compensates for it."""

    use_case = models.ForeignKey("portfolio.UseCase", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=ExceptionKind, default=ExceptionKind.ORDINARY)
    control = models.CharField(max_length=10, blank=True)
    requirement = models.CharField(max_length=40, blank=True)
    reason = models.TextField()
    compensating = models.TextField()
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    granted_at = models.DateTimeField(default=clock.now)
    expires_on = models.DateField()
    renewed_from = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    # Of waivers only: what the public reads, the facts it was granted on, and the reports to OMB.
    public_summary = models.TextField(blank=True)
    material_hash = models.CharField(max_length=64, blank=True)
    reported_at = models.DateField(null=True, blank=True)
    end_reported_at = models.DateField(null=True, blank=True)
    report_reference = models.TextField(blank=True)

    class Meta:
        db_table = "exception"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(name="exception_kind_is_known", condition=Q(kind__in=ExceptionKind.values)),
            models.CheckConstraint(
                name="exception_from_one_thing",
                condition=(Q(control="") & ~Q(requirement="")) | (~Q(control="") & Q(requirement="")),
            ),
            models.CheckConstraint(name="exception_has_a_reason", condition=~Q(reason="") & ~Q(compensating="")),
            models.CheckConstraint(
                name="exception_approved_by_another",
                condition=Q(requested_by=None) | ~Q(requested_by=F("approved_by")),
            ),
            models.UniqueConstraint(
                name="exception_one_per_control", fields=["use_case", "control"],
                condition=Q(ended_at=None) & ~Q(control=""),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_kind_display()} from {self.control or self.requirement}"

    @property
    def needs_reassessment(self) -> bool:
        """Whether the facts that a waiver was granted on are no longer those of its use case."""
        return bool(self.material_hash) and self.ended_at is None and self.material_hash != self.use_case.material_hash

    def is_in_force(self, on: date) -> bool:
        """Whether it still excuses on a day."""
        return self.ended_at is None and self.expires_on >= on
