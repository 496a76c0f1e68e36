"""What a KPI means, and what is wanted of it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from kpis.status import Bands


class KpiVersion(models.Model):
    """One version of a KPI's definition, as it was counted by; a changed definition stands beside the old one."""

    kpi = models.CharField(max_length=40)
    number = models.PositiveSmallIntegerField()
    document = models.JSONField()
    valid_from = models.DateField()

    class Meta:
        db_table = "kpi_version"
        ordering = ["kpi", "number"]
        constraints = [models.UniqueConstraint(name="kpi_version_once", fields=["kpi", "number"])]

    def __str__(self) -> str:
        return f"{self.kpi} (version {self.number})"


class DefinitionKind(models.TextChoices):
    KPI = "kpi", "KPI"
    MEASURE = "measure", "Measure"


class PublishedDefinition(models.Model):
    """What is in force instead of what ships: of each key the newest row. Rows are only added."""

    kind = models.CharField(max_length=10, choices=DefinitionKind)
    key = models.CharField(max_length=40)
    number = models.PositiveSmallIntegerField()
    document = models.JSONField()  # the whole definition
    retired = models.BooleanField(default=False)  # from then on it is neither computed nor shown
    shipped = models.PositiveSmallIntegerField(null=True)  # the version that shipped then; None of what does not ship
    reason = models.CharField(max_length=500)
    # None of what an upgrade made necessary.
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "published_definition"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                name="published_definition_once", fields=["kind", "key", "number"], condition=Q(retired=False)
            ),
            models.CheckConstraint(
                name="published_definition_kind_is_known", condition=Q(kind__in=DefinitionKind.values)
            ),
            models.CheckConstraint(name="published_definition_has_a_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="published_definition_retires_kpis_only", condition=Q(retired=False) | Q(kind="kpi")
            ),
        ]

    def __str__(self) -> str:
        return str(self.document.get("name") or self.key)


class Target(models.Model):
    """What a unit (and those below it) wants of a KPI, in a year, a quarter or always; instead of the catalogue's."""

    kpi = models.CharField(max_length=40)
    unit = models.ForeignKey("accounts.OrgUnit", models.PROTECT, null=True, blank=True, related_name="+")
    period = models.CharField(max_length=6, blank=True, help_text="2026, 2026Q3, or empty for always")
    low = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)
    high = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)
    tolerance = models.DecimalField(max_digits=20, decimal_places=6, default=0)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    set_at = models.DateTimeField()

    class Meta:
        db_table = "target"
        constraints = [
            models.UniqueConstraint(
                name="target_once_per_unit_and_period", fields=["kpi", "unit", "period"], nulls_distinct=False
            ),
            models.CheckConstraint(name="target_has_a_bound", condition=Q(low__isnull=False) | Q(high__isnull=False)),
            models.CheckConstraint(
                name="target_low_below_high",
                condition=Q(low__isnull=True) | Q(high__isnull=True) | Q(low__lt=F("high")),
            ),
            models.CheckConstraint(name="target_tolerance_not_negative", condition=Q(tolerance__gte=0)),
            models.CheckConstraint(name="target_period_is_known", condition=Q(period__regex=r"^(\d{4}(Q[1-4])?)?$")),
        ]

    def __str__(self) -> str:
        return f"{self.kpi} {self.period}".strip()

    @property
    def bands(self) -> Bands:
        return Bands(self.low, self.high, self.tolerance)
