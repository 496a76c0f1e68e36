"""Batches of imported rows, with every cell as it came, and the profiles that an organisation made for its files."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from caio_portal.common import clock


class BatchState(models.TextChoices):
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    WITHDRAWN = "withdrawn", "Withdrawn"


class ImportProfile(models.Model):
    """One version of a profile that the office made on the mapping screen; a saved version never changes."""

    key = models.CharField(max_length=60)
    version = models.PositiveSmallIntegerField(default=1)
    title = models.CharField(max_length=120)
    document = models.JSONField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    saved_at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "import_profile"
        ordering = ["title", "-version"]
        constraints = [models.UniqueConstraint(name="import_profile_version_once", fields=["key", "version"])]

    def __str__(self) -> str:
        return f"{self.title} (version {self.version})"


class ImportBatch(models.Model):
    """One delivery of an inventory file: what it held, what became of it, and whether it was taken back."""

    profile = models.CharField(max_length=60)
    profile_version = models.PositiveSmallIntegerField(default=1)
    unit = models.ForeignKey("accounts.OrgUnit", models.PROTECT, null=True, blank=True, related_name="+")
    file = models.ForeignKey("common.StoredFile", models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=9, choices=BatchState, default=BatchState.RUNNING)
    report = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    started_at = models.DateTimeField(default=clock.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "import_batch"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(name="import_batch_state_is_known", condition=Q(state__in=BatchState.values)),
            models.CheckConstraint(
                name="import_batch_withdrawn_at_with_state",
                condition=Q(state="withdrawn", withdrawn_at__isnull=False)
                | (~Q(state="withdrawn") & Q(withdrawn_at=None)),
            ),
        ]

    def __str__(self) -> str:
        return f"Batch {self.pk} ({self.profile})"


class ExternalRow(models.Model):
    """One row of an inventory, every cell kept; `before` holds the facts that its batch replaced.

    `key` is agency and id, or without an id the hash of agency, bureau and name; `occurrence` numbers the equal ones.
    """

    use_case = models.ForeignKey("portfolio.UseCase", models.PROTECT, related_name="external_rows")
    source = models.CharField(max_length=60)
    key = models.CharField(max_length=200)
    occurrence = models.PositiveSmallIntegerField(default=1)
    cells = models.JSONField()
    before = models.JSONField(null=True, blank=True)
    batch = models.ForeignKey(ImportBatch, models.PROTECT, related_name="rows")

    class Meta:
        db_table = "external_row"
        constraints = [models.UniqueConstraint(name="external_row_once", fields=["source", "key", "occurrence"])]

    def __str__(self) -> str:
        return f"{self.source} {self.key} ({self.occurrence})"
