"""Suppliers, what they supply, on which terms, and how well."""

from datetime import date
from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from caio_portal.common import quarters
from caio_portal.common.models import StoredFile


class Criticality(models.TextChoices):
    CRITICAL = "critical", "Critical"
    IMPORTANT = "important", "Important"
    STANDARD = "standard", "Standard"


class ProductKind(models.TextChoices):
    MODEL = "model", "Model"
    PLATFORM = "platform", "Platform"
    APPLICATION = "application", "Application"
    SERVICE = "service", "Service"


class AssessmentKind(models.TextChoices):
    SECURITY = "security", "Security"
    PRIVACY = "privacy", "Privacy"
    RESPONSIBLE_AI = "responsible_ai", "Responsible AI"
    RESILIENCE = "resilience", "Resilience and exit"
    FINANCIAL = "financial", "Financial standing"
    DUE_DILIGENCE = "due_diligence", "Due diligence questionnaire"


class AssessmentResult(models.TextChoices):
    PASSED = "passed", "Passed"
    CONDITIONAL = "conditional", "Passed with conditions"
    FAILED = "failed", "Failed"


class Advice(models.TextChoices):
    EXPAND = "expand", "Expand"
    KEEP = "keep", "Keep"
    RENEGOTIATE = "renegotiate", "Renegotiate"
    REPLACE = "replace", "Replace"
    EXIT = "exit", "Exit"
    UNKNOWN = "unknown", "Not yet known"


class VendorQuerySet(models.QuerySet["Vendor"]):
    def active(self) -> Self:
        return self.filter(retired_at=None)


class Vendor(models.Model):
    """A supplier of AI models, platforms, applications or services."""

    name = models.CharField(max_length=200, unique=True)
    criticality = models.CharField(max_length=10, choices=Criticality)
    about = models.TextField(blank=True)
    website = models.URLField(blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = VendorQuerySet.as_manager()

    class Meta:
        db_table = "vendor"
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(name="vendor_criticality_is_known", condition=Q(criticality__in=Criticality.values)),
            models.CheckConstraint(name="vendor_has_a_name", condition=~Q(name="")),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("vendors:vendor_detail", args=[self.pk])


class Product(models.Model):
    """Something that a vendor supplies, in one version."""

    vendor = models.ForeignKey(Vendor, models.PROTECT, related_name="products")
    name = models.CharField(max_length=200)
    version = models.CharField(max_length=60, blank=True)
    kind = models.CharField(max_length=12, choices=ProductKind)
    ends_on = models.DateField(null=True, blank=True)  # the vendor's announced end of life

    class Meta:
        db_table = "product"
        ordering = ["name", "version"]
        constraints = [
            models.UniqueConstraint(name="product_once_per_version", fields=["vendor", "name", "version"]),
            models.CheckConstraint(name="product_kind_is_known", condition=Q(kind__in=ProductKind.values)),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.version}".strip()

    def get_absolute_url(self) -> str:
        return reverse("vendors:vendor_detail", args=[self.vendor_id])


class Contract(models.Model):
    """The terms on which a vendor supplies, from a day to a day."""

    vendor = models.ForeignKey(Vendor, models.PROTECT, related_name="contracts")
    title = models.CharField(max_length=200)
    value = models.DecimalField(max_digits=14, decimal_places=2, validators=[MinValueValidator(0)])  # whole term
    currency = models.CharField(max_length=3)
    starts_on = models.DateField()
    ends_on = models.DateField()
    notice_by = models.DateField()
    availability = models.DecimalField(max_digits=6, decimal_places=3, null=True, blank=True)  # promised, in percent
    clauses = models.JSONField(default=dict)  # clause -> agreed or not; an absent one is unknown

    class Meta:
        db_table = "contract"
        ordering = ["ends_on"]
        constraints = [
            models.CheckConstraint(name="contract_starts_before_it_ends", condition=Q(starts_on__lt=F("ends_on"))),
            models.CheckConstraint(name="contract_notice_before_its_end", condition=Q(notice_by__lte=F("ends_on"))),
            models.CheckConstraint(name="contract_value_not_negative", condition=Q(value__gte=0)),
            models.CheckConstraint(name="contract_currency_is_a_code", condition=Q(currency__regex=r"^[A-Z]{3}$")),
            models.CheckConstraint(
                name="contract_availability_is_a_percentage",
                condition=Q(availability=None) | Q(availability__gte=0, availability__lte=100),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("vendors:vendor_detail", args=[self.vendor_id])


class Assessment(models.Model):
    """A dated examination of a vendor, valid until a day."""

    vendor = models.ForeignKey(Vendor, models.PROTECT, related_name="assessments")
    kind = models.CharField(max_length=14, choices=AssessmentKind)
    performed_on = models.DateField()
    valid_until = models.DateField()
    result = models.CharField(max_length=12, choices=AssessmentResult)
    open_critical = models.PositiveSmallIntegerField(default=0)  # critical findings not yet closed
    summary = models.TextField(blank=True)
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        db_table = "assessment"
        ordering = ["-performed_on", "-pk"]
        constraints = [
            models.CheckConstraint(name="assessment_kind_is_known", condition=Q(kind__in=AssessmentKind.values)),
            models.CheckConstraint(name="assessment_result_is_known", condition=Q(result__in=AssessmentResult.values)),
            models.CheckConstraint(
                name="assessment_valid_after_it_was_made", condition=Q(valid_until__gte=F("performed_on"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} assessment of {self.performed_on:%-d %B %Y}"

    def get_absolute_url(self) -> str:
        return reverse("vendors:vendor_detail", args=[self.vendor_id])

    def is_valid(self, on: date) -> bool:
        """Whether it may be relied on that day: performed, not expired, not failed."""
        return self.performed_on <= on <= self.valid_until and self.result != AssessmentResult.FAILED


class CriterionScore(models.Model):
    """What a vendor scores on one criterion in one quarter; no score means not known."""

    vendor = models.ForeignKey(Vendor, models.PROTECT, related_name="criterion_scores")
    quarter = models.CharField(max_length=6)
    criterion = models.CharField(max_length=40)
    score = models.DecimalField(
        max_digits=3, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(5)]
    )
    source = models.CharField(max_length=300)
    as_of = models.DateField()

    class Meta:
        db_table = "criterion_score"
        ordering = ["quarter", "criterion"]
        constraints = [
            models.UniqueConstraint(name="criterion_score_once_a_quarter", fields=["vendor", "quarter", "criterion"]),
            models.CheckConstraint(name="criterion_score_quarter", condition=Q(quarter__regex=quarters.PATTERN)),
            models.CheckConstraint(
                name="criterion_score_from_0_to_5", condition=Q(score=None) | Q(score__gte=0, score__lte=5)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.criterion} {self.quarter}"


class Scorecard(models.Model):
    """The weighted scores of a vendor in a quarter, 0 to 100; an unknown dimension is null, never 0."""

    vendor = models.ForeignKey(Vendor, models.PROTECT, related_name="scorecards")
    quarter = models.CharField(max_length=6)
    criteria_version = models.CharField(max_length=20)
    performance = models.DecimalField(max_digits=4, decimal_places=1, null=True)
    security = models.DecimalField(max_digits=4, decimal_places=1, null=True)
    roadmap = models.DecimalField(max_digits=4, decimal_places=1, null=True)
    cost = models.DecimalField(max_digits=4, decimal_places=1, null=True)
    total = models.DecimalField(max_digits=4, decimal_places=1, null=True)
    coverage = models.DecimalField(max_digits=4, decimal_places=1)  # percent of the weight that has evidence
    advice = models.CharField(max_length=12, choices=Advice)
    reasons = models.JSONField(default=list)
    lines = models.JSONField(default=list)  # how each criterion counted: the lineage of the numbers
    computed_at = models.DateTimeField()

    class Meta:
        db_table = "scorecard"
        ordering = ["quarter"]
        constraints = [
            models.UniqueConstraint(name="scorecard_once_a_quarter", fields=["vendor", "quarter"]),
            models.CheckConstraint(name="scorecard_quarter", condition=Q(quarter__regex=quarters.PATTERN)),
            models.CheckConstraint(name="scorecard_advice_is_known", condition=Q(advice__in=Advice.values)),
        ]

    def __str__(self) -> str:
        return f"{self.vendor_id} {self.quarter}"
