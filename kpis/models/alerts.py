"""What somebody should look at: found by the portal, handled by a person, over when its reason is gone."""

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from caio_portal.accounts.roles import Role
from caio_portal.common import clock
from kpis import catalogue

if TYPE_CHECKING:
    from caio_portal.accounts.models import User

_PERSON = settings.AUTH_USER_MODEL


class AlertKind(models.TextChoices):
    BREACH = "breach", "Outside its target"
    TREND = "trend", "Getting worse"
    STALE = "stale", "No fresh data"
    BURN = "burn", "Using up its error budget"
    BUDGET = "budget", "Money will run out"
    SPIKE = "spike", "Sudden cost"


class AlertState(models.TextChoices):
    OPEN = "open", "Open"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    MUTED = "muted", "Muted"
    ENDED = "ended", "Over"


class AlertQuerySet(models.QuerySet["Alert"]):
    def running(self) -> Self:
        return self.filter(ended_at=None)

    def waiting(self) -> Self:
        """Those that nobody has taken up and nobody has muted."""
        return self.filter(self.condition_of(AlertState.OPEN))

    def for_page(self) -> Self:
        return self.select_related("unit", "use_case", "feed", "owner", "acknowledged_by", "muted_by", "incident",
                                   "review")  # fmt: skip

    @staticmethod
    def condition_of(state: str) -> Q:
        """What the rows of a state have in common today."""
        muted = Q(muted_until__gte=clock.today())
        running = Q(ended_at=None)
        return {
            AlertState.OPEN: running & ~muted & Q(acknowledged_at=None),
            AlertState.ACKNOWLEDGED: running & ~muted & Q(acknowledged_at__isnull=False),
            AlertState.MUTED: running & muted,
            AlertState.ENDED: Q(ended_at__isnull=False),
        }[AlertState(state)]


class Alert(models.Model):
    """Something about a KPI that its owner should look at, from when it was found until its reason is gone."""

    kpi = models.CharField(max_length=40)
    unit = models.ForeignKey("accounts.OrgUnit", models.PROTECT, null=True, related_name="+")
    use_case = models.ForeignKey("portfolio.UseCase", models.PROTECT, null=True, related_name="+")
    feed = models.ForeignKey("kpis.Feed", models.PROTECT, null=True, related_name="+")
    month = models.DateField()  # that the text is about
    kind = models.CharField(max_length=6, choices=AlertKind)
    grave = models.BooleanField(default=False)
    text = models.CharField(max_length=300)
    raised_at = models.DateTimeField()
    owner = models.ForeignKey(_PERSON, models.PROTECT, null=True, related_name="+")
    acknowledged_by = models.ForeignKey(_PERSON, models.PROTECT, null=True, related_name="+")
    acknowledged_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=300, blank=True)  # what the one who acknowledged it will do
    muted_until = models.DateField(null=True)  # up to and including this day
    muted_by = models.ForeignKey(_PERSON, models.PROTECT, null=True, related_name="+")
    incident = models.ForeignKey("governance.Incident", models.PROTECT, null=True, related_name="+")
    review = models.ForeignKey("governance.Review", models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    objects = AlertQuerySet.as_manager()

    class Meta:
        db_table = "alert"
        ordering = ["-raised_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                name="alert_runs_once", fields=["kpi", "unit", "use_case", "feed", "kind"],
                condition=Q(ended_at=None), nulls_distinct=False,
            ),
            models.CheckConstraint(name="alert_kind_is_known", condition=Q(kind__in=AlertKind.values)),
            models.CheckConstraint(
                name="alert_acknowledged_by_somebody",
                condition=Q(acknowledged_by=None, acknowledged_at=None)
                | Q(acknowledged_by__isnull=False, acknowledged_at__isnull=False),
            ),
            models.CheckConstraint(
                name="alert_muted_by_somebody",
                condition=Q(muted_by=None, muted_until=None) | Q(muted_by__isnull=False, muted_until__isnull=False),
            ),
        ]  # fmt: skip
        indexes = [models.Index(name="alert_running", fields=["unit"], condition=Q(ended_at=None))]

    def __str__(self) -> str:
        return self.text

    def get_absolute_url(self) -> str:
        return reverse("kpis:alert_detail", args=[self.pk])

    @property
    def state(self) -> AlertState:
        if self.ended_at:
            return AlertState.ENDED
        if self.muted_until and self.muted_until >= clock.today():
            return AlertState.MUTED
        return AlertState.ACKNOWLEDGED if self.acknowledged_at else AlertState.OPEN

    @property
    def kpi_name(self) -> str:
        kpi = catalogue.current().by_key.get(self.kpi)
        return kpi.name if kpi else self.kpi

    @property
    def role(self) -> Role:
        """Who answers for it when nobody owns it: use cases have owners, a KPI of many use cases has the office."""
        kpi = catalogue.current().by_key.get(self.kpi)
        return Role.CAIO_OFFICE if kpi is None or kpi.owner == Role.OWNER else Role(kpi.owner)

    @property
    def answerable(self) -> str:
        """Its owner's name, else the role that is told of it."""
        return str(self.owner or self.role.label)

    @property
    def tone(self) -> str:
        return "bad" if self.grave else "warn"

    def is_owned_by(self, user: "User") -> bool:
        return self.owner_id is not None and self.owner_id == user.pk
