from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class JobState(models.TextChoices):
    QUEUED = "queued", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


class Job(models.Model):
    """One piece of long work. The row is the truth; a Celery message is only a hint that it waits."""

    kind = models.CharField(max_length=60)
    idem_key = models.CharField(max_length=200)
    payload = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=JobState, default=JobState.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField(default=5)
    requested_at = models.DateTimeField(db_default=Now(), editable=False)
    run_after = models.DateTimeField(db_default=Now())
    hinted_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    token = models.UUIDField(null=True)
    cancel_requested = models.BooleanField(default=False)
    steps_done = models.PositiveIntegerField(default=0)
    steps_total = models.PositiveIntegerField(null=True)
    finished_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)
    result = models.JSONField(null=True)
    requested_by = models.BigIntegerField(null=True)  # a key, not a relation: users live in a higher app

    class Meta:
        db_table = "job"
        indexes = [
            models.Index(
                name="job_due", fields=["run_after"], condition=Q(state__in=[JobState.QUEUED, JobState.RUNNING])
            )
        ]
        constraints = [
            models.UniqueConstraint(name="job_idempotent", fields=["kind", "idem_key"]),
            models.CheckConstraint(name="job_state_known", condition=Q(state__in=JobState.values)),
            models.CheckConstraint(
                name="job_running_with_lease",
                condition=~Q(state=JobState.RUNNING) | Q(lease_until__isnull=False, token__isnull=False),
            ),
            models.CheckConstraint(
                name="job_finished_when_ended",
                condition=Q(state__in=[JobState.QUEUED, JobState.RUNNING], finished_at=None)
                | Q(
                    state__in=[JobState.DONE, JobState.FAILED, JobState.CANCELLED],
                    finished_at__isnull=False,
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"Job {self.pk} ({self.kind})"

    def get_absolute_url(self) -> str:
        return f"/jobs/{self.pk}/"

    @property
    def ended(self) -> bool:
        return self.state in (JobState.DONE, JobState.FAILED, JobState.CANCELLED)

    @property
    def percent(self) -> int | None:
        """Progress from 0 to 100; unknown until the work has said how many steps it has."""
        if not self.steps_total:
            return None
        return min(100, round(100 * self.steps_done / self.steps_total))


class StoredFile(models.Model):
    """A file as it came in or went out; it lies outside the web root under a random name."""

    uuid = models.UUIDField(unique=True, default=uuid4, editable=False)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    media_type = models.CharField(max_length=120)
    name = models.CharField(max_length=255)
    storage_name = models.CharField(max_length=120, unique=True)
    stored_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "stored_file"

    def __str__(self) -> str:
        return self.name
