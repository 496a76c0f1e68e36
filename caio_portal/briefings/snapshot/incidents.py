"""Incidents and near misses."""

from collections import Counter
from decimal import Decimal

from caio_portal.briefings.snapshot import figures
from caio_portal.briefings.snapshot.cases import WITHHELD
from caio_portal.briefings.snapshot.schema import IncidentLine, Incidents, MonthCounts
from caio_portal.briefings.snapshot.scope import Scope
from governance.models import Incident, IncidentUseCase
from kpis import months

SHOWN = 14
SOURCE = "Incident register, by the day of detection."


def incidents(scope: Scope) -> Incidents:
    year = months.back(scope.month, 12)
    rows = list(
        Incident.objects.filter(unit__in=scope.unit_ids, detected_at__date__gte=year[0], detected_at__lt=scope.ends)
        .prefetch_related("use_case_links__use_case")
        .order_by("detected_at", "pk")
    )
    own = [row for row in rows if row.detected_at >= scope.begins]
    real = [row for row in own if not row.near_miss]
    hours = sorted(taken for row in real if (taken := _hours(row)) is not None)
    gravest = sorted(own, key=lambda row: (row.near_miss, row.severity, row.pk))
    counts = Counter((months.first(row.detected_at.date()), row.near_miss) for row in rows)
    return Incidents(
        figures=(
            figures.count(scope, "incidents", "Incidents", len(real), "Detected in the quarter, near misses left out."),
            figures.count(
                scope, "incidents_grave", "Severity 1 or 2", sum(row.severity <= 2 for row in real),
                "Of these, critical or major.",
            ),
            figures.count(
                scope, "near_misses", "Near misses", len(own) - len(real), "Detected in the quarter; nobody was harmed."
            ),
            figures.count(
                scope, "incidents_open", "Still open", sum(row.resolved_at is None for row in rows),
                "Detected within twelve months and not resolved.",
            ),
            figures.count(
                scope, "hours_to_mitigate", "Median hours to mitigate", int(hours[len(hours) // 2]) if hours else 0,
                "From detection to mitigation, incidents of the quarter that are mitigated.",
            ),
        )[: 5 if hours else 4],
        incidents=tuple(_line(row) for row in gravest[:SHOWN]),
        months=tuple(
            MonthCounts(month=month, incidents=counts[month, False], near_misses=counts[month, True]) for month in year
        ),
        source=SOURCE,
    )  # fmt: skip


def _line(row: Incident) -> IncidentLine:
    links: list[IncidentUseCase] = list(row.use_case_links.all())
    hidden = any(link.use_case.confidential for link in links)
    return IncidentLine(
        ref=row.ref, title="Withheld" if hidden else row.title, severity=row.severity, near_miss=row.near_miss,
        detected_on=row.detected_at.date(), mitigated_hours=_hours(row), state=row.state.label,
        affected=WITHHELD if hidden else ", ".join(link.use_case.title for link in links[:2]),
    )  # fmt: skip


def _hours(row: Incident) -> Decimal | None:
    if row.mitigated_at is None:
        return None
    return round(Decimal((row.mitigated_at - row.detected_at).total_seconds()) / 3600, 1)
