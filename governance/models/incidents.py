"""Incidents: events in which a use case harmed, or could have."""

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse

from caio_portal.accounts.roles import Role
from caio_portal.accounts.selectors import roles_of
from caio_portal.common import clock
from portfolio.models import UseCase

if TYPE_CHECKING:
    from caio_portal.accounts.models import User

# These see every incident; others those of their units, their use cases, and what they reported.
TRUSTED = (Role.CAIO, Role.CAIO_OFFICE, Role.COUNCIL_MEMBER, Role.REVIEWER, Role.EXECUTIVE, Role.AUDITOR)


class IncidentSeverity(models.IntegerChoices):
    CRITICAL = 1, "1 Critical"
    MAJOR = 2, "2 Major"
    MODERATE = 3, "3 Moderate"
    MINOR = 4, "4 Minor"


class Category(models.TextChoices):
    SAFETY = "safety", "Safety"
    PRIVACY = "privacy", "Privacy"
    SECURITY = "security", "Security"
    FAIRNESS = "fairness", "Fairness"
    QUALITY = "quality", "Quality"
    COST = "cost", "Cost"
    VENDOR_OUTAGE = "vendor_outage", "Vendor outage"
    OTHER = "other", "Other"


class Harm(models.TextChoices):
    NONE = "none", "Nobody was harmed"
    DEATH = "death", "Somebody died"
    HEALTH = "health", "Serious harm to health"
    RIGHTS = "rights", "Fundamental rights were infringed"
    PROPERTY = "property", "Serious harm to property or the environment"
    INFRASTRUCTURE = "infrastructure", "Critical infrastructure was disrupted"
    DATA = "data", "Personal data were exposed"
    OTHER = "other", "Other harm"


class IncidentState(models.TextChoices):
    OPEN = "open", "Open"
    MITIGATED = "mitigated", "Mitigated"
    RESOLVED = "resolved", "Resolved"


class IncidentQuerySet(models.QuerySet["Incident"]):
    def visible_to(self, user: "User") -> Self:
        """Role × unit, and no incident of a confidential use case that the person may not see."""
        roles = roles_of(user)
        if roles.everywhere(*TRUSTED):
            return self
        links = IncidentUseCase.objects.filter(incident=OuterRef("pk"))
        seen = UseCase.objects.visible_to(user)
        mine = Q(unit__in=roles.unit_ids(*Role)) | Exists(links.filter(use_case__in=seen))
        hidden = Exists(links.exclude(use_case__in=seen).filter(use_case__confidential=True))
        return self.filter(Q(reported_by=user.pk) | Q(unit__in=roles.unit_ids(*TRUSTED)) | (mine & ~hidden))

    def for_page(self) -> Self:
        return self.select_related("unit", "reported_by")


class Incident(models.Model):
    """Four times tell its story: when it occurred, was detected, mitigated and resolved."""

    ref = models.CharField("reference", max_length=20, unique=True, editable=False)
    title = models.CharField(max_length=200)
    description = models.TextField()
    unit = models.ForeignKey("accounts.OrgUnit", models.PROTECT, related_name="+")
    severity = models.PositiveSmallIntegerField(choices=IncidentSeverity)
    category = models.CharField(max_length=14, choices=Category)
    harm = models.CharField(max_length=14, choices=Harm, default=Harm.NONE)
    near_miss = models.BooleanField(default=False)
    occurred_at = models.DateTimeField()
    detected_at = models.DateTimeField()
    mitigated_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    containment = models.TextField(blank=True)
    cause = models.TextField(blank=True)
    lessons = models.TextField(blank=True)
    reported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reported_at = models.DateTimeField(default=clock.now, editable=False)

    objects = IncidentQuerySet.as_manager()

    class Meta:
        db_table = "incident"
        ordering = ["-occurred_at", "-pk"]
        constraints = [
            models.CheckConstraint(name="incident_has_a_title", condition=~Q(title="")),
            models.CheckConstraint(name="incident_severity_is_1_to_4", condition=Q(severity__range=(1, 4))),
            models.CheckConstraint(name="incident_category_is_known", condition=Q(category__in=Category.values)),
            models.CheckConstraint(name="incident_harm_is_known", condition=Q(harm__in=Harm.values)),
            models.CheckConstraint(
                name="incident_near_miss_harmed_nobody", condition=Q(near_miss=False) | Q(harm=Harm.NONE)
            ),
            models.CheckConstraint(
                name="incident_times_in_order",
                condition=Q(detected_at__gte=F("occurred_at"))
                & (Q(mitigated_at=None) | Q(mitigated_at__gte=F("detected_at")))
                & (Q(resolved_at=None) | Q(mitigated_at__isnull=False, resolved_at__gte=F("mitigated_at"))),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ref} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("governance:incident_detail", args=[self.ref])

    @property
    def state(self) -> IncidentState:
        if self.resolved_at:
            return IncidentState.RESOLVED
        return IncidentState.MITIGATED if self.mitigated_at else IncidentState.OPEN


class IncidentUseCase(models.Model):
    """A use case that an incident affects."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="use_case_links")
    use_case = models.ForeignKey("portfolio.UseCase", models.PROTECT, related_name="+")

    class Meta:
        db_table = "incident_use_case"
        constraints = [models.UniqueConstraint(name="incident_use_case_once", fields=["incident", "use_case"])]

    def __str__(self) -> str:
        return f"{self.incident_id} affects {self.use_case_id}"


class IncidentVendor(models.Model):
    """A vendor that an incident concerns."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="vendor_links")
    vendor = models.ForeignKey("vendors.Vendor", models.PROTECT, related_name="+")

    class Meta:
        db_table = "incident_vendor"
        constraints = [models.UniqueConstraint(name="incident_vendor_once", fields=["incident", "vendor"])]

    def __str__(self) -> str:
        return f"{self.incident_id} concerns {self.vendor_id}"


class IncidentAction(models.Model):
    """Something to do so that it does not happen again."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="actions")
    text = models.CharField(max_length=300)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    due_on = models.DateField()
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "incident_action"
        ordering = ["due_on", "pk"]

    def __str__(self) -> str:
        return self.text


class IncidentReport(models.Model):
    """A report to an authority, which stops one statutory clock."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="reports")
    clock = models.CharField(max_length=60)
    sent_at = models.DateTimeField()
    reference = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        db_table = "incident_report"
        constraints = [models.UniqueConstraint(name="incident_report_once_per_clock", fields=["incident", "clock"])]

    def __str__(self) -> str:
        return f"{self.incident_id}: {self.clock}"
