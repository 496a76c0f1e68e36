"""What was computed, when, and what it was before."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q


class DirtyMonth(models.Model):
    """A family of KPIs to compute again for a month. Rows are only added; a rollup removes those it has seen."""

    family = models.CharField(max_length=20)
    month = models.DateField()
    cause = models.CharField(max_length=120)
    batch = models.ForeignKey("kpis.FeedBatch", models.PROTECT, null=True, related_name="+")
    marked_at = models.DateTimeField()

    class Meta:
        db_table = "dirty_month"
        indexes = [models.Index(name="dirty_month_by_family", fields=["family", "month"])]
        constraints = [models.CheckConstraint(name="dirty_month_is_its_first_day", condition=Q(month__day=1))]

    def __str__(self) -> str:
        return f"{self.family} {self.month:%Y-%m}"


class Rollup(models.Model):
    """When a family was last computed for a month, and what that changed."""

    family = models.CharField(max_length=20)
    month = models.DateField()
    as_of = models.DateTimeField()  # what happened later is not in it
    computed_at = models.DateTimeField()
    values = models.PositiveIntegerField()
    changed = models.PositiveIntegerField()

    class Meta:
        db_table = "kpi_rollup"
        constraints = [models.UniqueConstraint(name="rollup_once_per_family_and_month", fields=["family", "month"])]

    def __str__(self) -> str:
        return f"{self.family} {self.month:%Y-%m}"


class KpiValue(models.Model):
    """The sums of a KPI for one month: of a unit itself, or of one of its use cases or vendors.

    Ratios are made when read. The row of a unit does not hold the units below it; sums of units are made when read.
    What a unit's row has more than those of its use cases is not allocated.
    """

    kpi = models.CharField(max_length=40, db_collation="C")  # keys: sorted byte by byte, which is quick
    number = models.PositiveSmallIntegerField()
    series = models.CharField(max_length=20, blank=True, db_collation="C")
    family = models.CharField(max_length=20)
    month = models.DateField()
    unit_id = models.BigIntegerField()
    use_case_id = models.BigIntegerField(null=True)
    vendor_id = models.BigIntegerField(null=True)
    num = models.DecimalField(max_digits=24, decimal_places=6)
    den = models.DecimalField(max_digits=24, decimal_places=6)
    n = models.BigIntegerField()
    hist = ArrayField(models.BigIntegerField(), null=True)
    covered = models.IntegerField()  # how many of the expected sources or records were there
    expected = models.IntegerField()
    inputs = models.BigIntegerField()  # how many observations or records it is made of
    provisional = models.BooleanField()
    recorded_at = models.DateTimeField()  # first
    computed_at = models.DateTimeField()  # last change

    class Meta:
        db_table = "kpi_value"
        constraints = [
            models.UniqueConstraint(
                name="kpi_value_once",
                fields=["month", "kpi", "number", "series", "unit_id", "use_case_id", "vendor_id"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(name="kpi_value_month_is_its_first_day", condition=Q(month__day=1)),
            models.CheckConstraint(name="kpi_value_has_one_scope", condition=Q(use_case_id=None) | Q(vendor_id=None)),
            models.CheckConstraint(name="kpi_value_covers_at_most_all", condition=Q(covered__lte=F("expected"))),
        ]
        indexes = [
            # What the scorecard reads: the rows of units, without those of use cases and vendors.
            models.Index(
                name="kpi_value_of_units",
                fields=["month", "kpi", "unit_id"],
                condition=Q(use_case_id=None, vendor_id=None),
            ),
            models.Index(name="kpi_value_of_use_case", fields=["use_case_id"], condition=Q(use_case_id__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.kpi} {self.month:%Y-%m}"


class KpiRevision(models.Model):
    """A value that became another: what it was, what it is, and why. Rows are only added."""

    value = models.ForeignKey(KpiValue, models.PROTECT, db_column="kpi_value_id", related_name="revisions")
    before = models.JSONField()
    after = models.JSONField()
    cause = models.CharField(max_length=120)
    batch = models.ForeignKey("kpis.FeedBatch", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "kpi_revision"
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return self.cause
