"""Incidents as their pages show them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from caio_portal.accounts.models import User
from caio_portal.common import clock
from governance.frameworks import Clock, Framework, catalogue, clocks_for
from governance.models import Incident, IncidentAction, IncidentReport, IncidentUseCase
from portfolio.models import UseCase
from vendors.models import Vendor


@dataclass(frozen=True)
class ClockLine:
    """A statutory clock as it stands for one incident."""

    clock: Clock
    framework: Framework
    due_at: datetime
    in_force: bool
    report: IncidentReport | None
    now: datetime

    @property
    def tone(self) -> str:
        if not self.in_force:
            return "neutral"
        if self.report:
            return "good" if self.report.sent_at <= self.due_at else "warn"
        return "bad" if self.due_at < self.now else "info"

    @property
    def words(self) -> str:
        if not self.in_force:
            return "Not yet in force"
        if self.report:
            return "Reported" if self.report.sent_at <= self.due_at else "Reported late"
        return "Overdue" if self.due_at < self.now else "Running"


@dataclass(frozen=True)
class Moment:
    """One of the four times, and how long it took since the one before."""

    label: str
    at: datetime | None
    since: timedelta | None

    @property
    def took(self) -> str:
        """2 d 3 h, 45 min."""
        if self.since is None:
            return ""
        minutes = int(self.since.total_seconds() // 60)
        days, hours = minutes // 1440, minutes % 1440 // 60
        if days:
            return f"after {days} d {hours} h"
        return f"after {hours} h {minutes % 60} min" if hours else f"after {minutes} min"


@dataclass(frozen=True)
class IncidentPage:
    use_cases: list[UseCase]
    hidden: int  # use cases that this reader may not see
    vendors: list[Vendor]
    moments: list[Moment]
    clocks: list[ClockLine]
    actions: list[IncidentAction]
    today: object


def listed(user: User) -> QuerySet[Incident]:
    """The incidents that a person may see, each with how many use cases it affects."""
    links = IncidentUseCase.objects.filter(incident=OuterRef("pk")).order_by().values("incident")
    affected = Coalesce(Subquery(links.annotate(n=Count("pk")).values("n")), 0)
    return Incident.objects.visible_to(user).for_page().annotate(affected=affected)


def incident_page(incident: Incident, user: User) -> IncidentPage:
    """Five queries, however much there is."""
    linked = list(incident.use_case_links.values_list("use_case_id", flat=True))
    use_cases = list(UseCase.objects.active().visible_to(user).filter(pk__in=linked).order_by("ref"))
    vendors = Vendor.objects.filter(pk__in=incident.vendor_links.values("vendor"))
    return IncidentPage(
        use_cases=use_cases,
        hidden=len(linked) - len(use_cases),
        vendors=list(vendors),
        moments=moments(incident),
        clocks=clock_lines(incident),
        actions=list(incident.actions.select_related("owner")),
        today=clock.today(),
    )


def moments(incident: Incident) -> list[Moment]:
    """Occurred, detected, mitigated, resolved."""
    times = (incident.occurred_at, incident.detected_at, incident.mitigated_at, incident.resolved_at)
    labels = ("Occurred", "Detected", "Mitigated", "Resolved")
    before = (None, *times[:-1])
    return [
        Moment(label, at, at - earlier if at and earlier else None)
        for label, at, earlier in zip(labels, times, before, strict=True)
    ]


def clock_lines(incident: Incident) -> list[ClockLine]:
    """The clocks that run for an incident, with the reports that stopped them."""
    reports = {report.clock: report for report in incident.reports.select_related("by")}
    frameworks = catalogue()
    running = clocks_for(
        frameworks.clocks, detected_at=incident.detected_at, severity=incident.severity, category=incident.category,
        harm=incident.harm, near_miss=incident.near_miss,
    )  # fmt: skip
    now = clock.now()
    return [
        ClockLine(
            found.clock,
            frameworks.by_id[found.clock.framework],
            found.due_at,
            found.in_force,
            reports.get(found.clock.id),
            now,
        )
        for found in running
    ]
