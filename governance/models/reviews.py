"""Reviews: who looks at what, in which steps, and what they find."""

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from governance.decisions import Charter
from portfolio.models import UseCase

if TYPE_CHECKING:
    from caio_portal.accounts.models import User

CLOSED_STATES = ("decided", "withdrawn")


class ReviewState(models.TextChoices):
    OPEN = "open", "Open"
    IN_REVIEW = "in_review", "In review"
    READY = "ready", "Ready to decide"
    RETURNED = "returned", "Returned"
    DECIDED = "decided", "Decided"
    WITHDRAWN = "withdrawn", "Withdrawn"


class Cause(models.TextChoices):
    SUBMISSION = "submission", "Submitted"
    MATERIAL_CHANGE = "material_change", "Material facts changed"
    INCIDENT = "incident", "Incident"
    INTERVAL = "interval", "Time for another look"
    POLICY_CHANGE = "policy_change", "Policy changed"
    EVIDENCE = "evidence", "Evidence expired"
    VENDOR = "vendor", "Vendor changed"
    DRIFT = "drift", "Drift alert"
    GATE = "gate", "Asked for at a gate"
    APPEAL = "appeal", "Appeal"


class Capacity(models.TextChoices):
    PARTY = "party", "Party"
    JUDGE = "judge", "Judge"


class StepKind(models.TextChoices):
    CLEAR = "clear", "Automatic clearance"
    APPROVE = "approve", "Approval by one person"
    EXAMINE = "examine", "Examination"
    VOTE = "vote", "Council vote"
    ACCEPT_RISK = "accept_risk", "Acceptance of the risk"


class Severity(models.TextChoices):
    NONE = "none", "No objection"
    MINOR = "minor", "Minor"
    MAJOR = "major", "Major"
    BLOCKING = "blocking", "Blocking"


class ReviewQuerySet(models.QuerySet["Review"]):
    def open(self) -> Self:
        return self.filter(closed_at=None)

    def visible_to(self, user: "User") -> Self:
        """Whoever sees the use case sees its reviews, and so does whoever has a part in one."""
        people = ReviewPerson.objects.filter(review=OuterRef("pk"), user=user.pk)
        return self.filter(Q(use_case__in=UseCase.objects.visible_to(user)) | Exists(people))

    def for_page(self) -> Self:
        return self.select_related(
            "use_case__unit",
            "use_case__owner",
            "use_case__sponsor",
            "use_case__requester",
            "policy",
            "opened_by",
            "appeal_of",
        ).defer("policy__document", "policy__source", "appeal_of__snapshot")


class Review(models.Model):
    """One round of examination of one use case, from opening to decision, under one policy."""

    ref = models.CharField(max_length=20, unique=True)
    use_case = models.ForeignKey("portfolio.UseCase", models.PROTECT, related_name="reviews")
    submission = models.ForeignKey("portfolio.Submission", models.PROTECT, null=True, related_name="reviews")
    policy = models.ForeignKey("governance.PolicyVersion", models.PROTECT, related_name="reviews")
    cause = models.CharField(max_length=20, choices=Cause, default=Cause.SUBMISSION)
    why = models.CharField(max_length=500, blank=True)  # what exactly led to it, in a sentence
    why_url = models.CharField(max_length=200, blank=True)  # and where that is shown
    route = models.CharField(max_length=60)
    tier = models.PositiveSmallIntegerField()
    up_to_stage = models.CharField(max_length=12)
    charter = models.JSONField(null=True)
    snapshot = models.TextField()
    snapshot_hash = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=ReviewState, default=ReviewState.OPEN)
    appeal_of = models.OneToOneField("self", models.PROTECT, null=True, related_name="appeal")
    plea = models.TextField(blank=True)  # why the team asks for another decision
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField()
    returned_at = models.DateTimeField(null=True)
    return_reason = models.TextField(blank=True)
    waited_days = models.PositiveSmallIntegerField(default=0)  # business days that it lay with its team
    closed_at = models.DateTimeField(null=True)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        db_table = "review"
        indexes = [models.Index(name="review_by_state", fields=["state", "-opened_at"])]
        constraints = [
            models.UniqueConstraint(
                name="review_one_open_per_use_case", fields=["use_case"], condition=Q(closed_at=None)
            ),
            models.UniqueConstraint(name="review_id_and_snapshot", fields=["id", "snapshot_hash"]),
            models.CheckConstraint(name="review_state_known", condition=Q(state__in=ReviewState.values)),
            models.CheckConstraint(name="review_cause_known", condition=Q(cause__in=Cause.values)),
            models.CheckConstraint(
                name="review_closed_with_state",
                condition=Q(closed_at__isnull=False, state__in=CLOSED_STATES)
                | (Q(closed_at=None) & ~Q(state__in=CLOSED_STATES)),
            ),
            models.CheckConstraint(
                name="review_returned_with_time",
                condition=Q(state=ReviewState.RETURNED, returned_at__isnull=False)
                | (Q(returned_at=None) & ~Q(state=ReviewState.RETURNED)),
            ),
            models.CheckConstraint(name="review_tier_known", condition=Q(tier__range=(1, 5))),
            models.CheckConstraint(
                name="review_appeals_for_a_reason",
                condition=Q(cause="appeal", appeal_of__isnull=False, plea__regex=r"\S")
                | (~Q(cause="appeal") & Q(appeal_of=None, plea="")),
            ),
        ]

    def __str__(self) -> str:
        return self.ref

    def get_absolute_url(self) -> str:
        return f"/reviews/{self.ref}/"

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def rules_of_voting(self) -> Charter:
        """The charter as it was when this review was opened."""
        return Charter.model_validate(self.charter or {})


class ReviewSnapshot(models.Model):
    """What a review looked at, each time that it was submitted anew."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="snapshots")
    number = models.PositiveSmallIntegerField()
    snapshot = models.TextField()
    snapshot_hash = models.CharField(max_length=64)
    taken_at = models.DateTimeField()

    class Meta:
        db_table = "review_snapshot"
        constraints = [
            models.UniqueConstraint(name="review_snapshot_numbered_once", fields=["review", "number"]),
            models.UniqueConstraint(name="review_snapshot_kept_once", fields=["review", "snapshot_hash"]),
        ]

    def __str__(self) -> str:
        return f"Snapshot {self.number} of {self.review_id}"


class ReviewPerson(models.Model):
    """In which capacity a person stands in a review: one row a person, so a party never judges."""

    pk = models.CompositePrimaryKey("review_id", "user_id")
    review = models.ForeignKey(Review, models.PROTECT, related_name="people")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    capacity = models.CharField(max_length=5, choices=Capacity)

    class Meta:
        db_table = "review_person"
        constraints = [
            models.UniqueConstraint(name="review_person_capacity", fields=["review", "user", "capacity"]),
            models.CheckConstraint(name="review_person_capacity_known", condition=Q(capacity__in=Capacity.values)),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} is {self.capacity} in {self.review_id}"


class ReviewStep(models.Model):
    """A step of the route for one function, with its clock in business days; steps of one phase run side by side."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="steps")
    position = models.PositiveSmallIntegerField()
    phase = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=12, choices=StepKind)
    function = models.CharField(max_length=40, blank=True)
    days = models.PositiveSmallIntegerField()
    due_on = models.DateField()
    waited_days = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    escalated_at = models.DateTimeField(null=True)
    assigned_to = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    asked_because = models.CharField(max_length=500, blank=True)  # why this function looks again, if others do not
    nothing_new_since = models.ForeignKey(Review, models.PROTECT, null=True, related_name="+")  # so it is not asked
    result = models.JSONField(null=True)  # what a vote or an approver said when a later step still has to agree

    class Meta:
        db_table = "review_step"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(name="review_step_position", fields=["review", "position"]),
            models.CheckConstraint(name="review_step_kind_known", condition=Q(kind__in=StepKind.values)),
            models.CheckConstraint(
                name="review_step_finished_after_start",
                condition=Q(finished_at=None) | Q(started_at__isnull=False, finished_at__gte=F("started_at")),
            ),
            models.CheckConstraint(
                name="review_step_only_examinations_are_spared",
                condition=Q(nothing_new_since=None) | Q(kind="examine", started_at=None, finished_at=None),
            ),
        ]

    def __str__(self) -> str:
        words = self.function.replace("_", " ")
        return f"{self.get_kind_display()} ({words})" if words else self.get_kind_display()

    @property
    def is_running(self) -> bool:
        return self.started_at is not None and self.finished_at is None

    @property
    def is_spared(self) -> bool:
        """Whether nobody is asked, for nothing in the function's field is new."""
        return self.nothing_new_since_id is not None


class Finding(models.Model):
    """What a reviewer of one function reports on a snapshot."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="findings")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    capacity = models.CharField(max_length=5, choices=Capacity, default=Capacity.JUDGE, editable=False)
    function = models.CharField(max_length=40)
    severity = models.CharField(max_length=8, choices=Severity)
    text = models.TextField()
    control = models.CharField(max_length=10, blank=True)  # that it requires
    wanted = models.TextField(blank=True)
    snapshot_hash = models.CharField(max_length=64)
    reported_at = models.DateTimeField()

    class Meta:
        db_table = "finding"
        constraints = [
            models.CheckConstraint(name="finding_by_a_judge", condition=Q(capacity=Capacity.JUDGE)),
            models.CheckConstraint(name="finding_severity_known", condition=Q(severity__in=Severity.values)),
            models.CheckConstraint(name="finding_says_why", condition=Q(text__regex=r"\S")),
        ]

    def __str__(self) -> str:
        return f"{self.get_severity_display()} ({self.function})"


class Comment(models.Model):
    """A remark beside a review or another subject; it decides nothing."""

    subject_type = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=40)
    anchor = models.CharField(max_length=60, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    text = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "comment"
        indexes = [models.Index(name="comment_by_subject", fields=["subject_type", "subject_id", "at"])]
        constraints = [models.CheckConstraint(name="comment_says_something", condition=Q(text__regex=r"\S"))]

    def __str__(self) -> str:
        return self.text[:80]
