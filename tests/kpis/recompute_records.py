"""The KPIs made of the portal's records, made again in plain Python: one use case, review and incident at a time."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any

from caio_portal.audit.models import AuditEvent
from governance.models import Approval, Decision, Incident, IncidentUseCase, Suspension, Tiering
from governance.selectors.calendars import calendars
from kpis import months
from kpis.values import Sums
from portfolio.models import StageMove, UseCase
from tests.kpis.recompute import Scope, rounded, scopes

RUNNING = ("pilot", "production")


def from_records(month: date, now: datetime, formulas: Mapping[str, Any] | None = None) -> dict[Scope, Sums]:
    """Every KPI below, or those given, for one month."""
    found: dict[Scope, Sums] = defaultdict(Sums)
    as_of = min(now, months.end(month))
    for key, formula in (formulas or FORMULAS).items():
        for series, unit, use_case, sums, *vendor in formula(month, as_of):
            for scope in scopes(unit, use_case, vendor[0] if vendor else None):
                found[key, series, month, *scope] += sums
    return {scope: rounded(sums) for scope, sums in found.items()}


def stages(as_of: datetime) -> list[tuple[UseCase, str, datetime | None]]:
    """Each use case with its stage, and since when it has run without a break."""
    found = []
    for use_case in UseCase.objects.filter(voided_at=None):
        moves = list(StageMove.objects.filter(use_case=use_case, moved_at__lt=as_of).order_by("moved_at", "pk"))
        if moves:
            runs = [list(group) for running, group in groupby(moves, lambda move: move.after in RUNNING) if running]
            since = runs[-1][0].moved_at if moves[-1].after in RUNNING else None
            found.append((use_case, moves[-1].after, since))
    return found


def high_risk_approved(month: date, as_of: datetime) -> Any:
    for use_case, stage, _ in stages(as_of):
        tiering = Tiering.objects.filter(use_case=use_case, at__lt=as_of).order_by("at", "pk").last()
        if stage == "production" and (tiering is None or tiering.ceiling >= 3):
            yes = any(_in_force(approval, tiering, as_of) for approval in Approval.objects.filter(use_case=use_case))
            yield "", use_case.unit_id, use_case.pk, Sums(Decimal(int(yes)), Decimal(1), 1)


def _in_force(approval: Approval, tiering: Tiering | None, as_of: datetime) -> bool:
    day = (as_of - timedelta(microseconds=1)).date()
    suspended = any(
        suspension.suspended_at < as_of and (suspension.restored_at is None or suspension.restored_at >= as_of)
        for suspension in Suspension.objects.filter(approval=approval)
    )
    return (
        approval.up_to_stage == "production"
        and approval.granted_at < as_of
        and (approval.ended_at is None or approval.ended_at >= as_of)
        and approval.valid_until >= day
        and tiering is not None
        and tiering.facts_hash == approval.material_hash
        and not suspended
    )


def measured_outcomes(month: date, as_of: datetime) -> Any:
    for use_case, stage, since in stages(as_of):
        if stage in RUNNING and since is not None and since <= as_of - timedelta(days=90):
            yield "", use_case.unit_id, use_case.pk, Sums(Decimal(int(_is_measured(use_case, as_of))), Decimal(1), 1)


def _is_measured(use_case: UseCase, as_of: datetime) -> bool:
    import json

    latest: dict[str, dict[str, Any] | None] = {}
    events = AuditEvent.objects.filter(
        subject_type="portfolio.usecase", subject_id=str(use_case.pk), occurred_at__lt=as_of
    )
    for event in events.order_by("occurred_at", "pk"):
        payload = json.loads(event.payload)
        if event.action == "use_case.benefit_stated":
            latest[payload["benefit"]] = payload["after"]
        elif event.action == "use_case.benefit_removed":
            latest[payload["benefit"]] = None
    return any(
        benefit["state"] in ("measured", "verified")
        and benefit["baseline"] is not None
        and benefit["target"] is not None
        for benefit in latest.values()
        if benefit
    )


def time_to_production(month: date, as_of: datetime) -> Any:
    for use_case in UseCase.objects.filter(voided_at=None, source="intake"):
        first = StageMove.objects.filter(use_case=use_case, after="production").order_by("moved_at", "pk").first()
        if first and months.start(month) <= first.moved_at < as_of:
            yield (
                "",
                use_case.unit_id,
                use_case.pk,
                _duration((first.moved_at.date() - use_case.registered_at.date()).days),
            )


def time_to_decision(month: date, as_of: datetime) -> Any:
    known = calendars()
    for decision in Decision.objects.filter(decided_at__gte=months.start(month), decided_at__lt=as_of):
        review = decision.review
        days = (
            known.of(review.use_case.unit).between(review.opened_at.date(), decision.decided_at.date())
            - review.waited_days
        )
        yield "", review.use_case.unit_id, review.use_case_id, _duration(max(0, days))


def incident_rate(month: date, as_of: datetime) -> Any:
    for incident in Incident.objects.filter(severity__lte=3, near_miss=False):
        if months.start(month) <= incident.occurred_at < as_of:
            yield "", incident.unit_id, _affected(incident), Sums(Decimal(1))
    for use_case, stage, _ in stages(as_of):
        if stage in RUNNING:
            yield "", use_case.unit_id, use_case.pk, Sums(den=Decimal(1), n=1)


def time_to_mitigate(month: date, as_of: datetime) -> Any:
    for incident in Incident.objects.filter(near_miss=False, mitigated_at__isnull=False):
        if months.start(month) <= incident.mitigated_at < as_of:
            seconds = Decimal(str((incident.mitigated_at - incident.detected_at).total_seconds()))
            hist = ((min(1500, int(seconds // 3600)), 1),)
            yield "", incident.unit_id, _affected(incident), Sums(seconds / 3600, Decimal(1), 1, hist)


def _affected(incident: Incident) -> int | None:
    return min(IncidentUseCase.objects.filter(incident=incident).values_list("use_case_id", flat=True), default=None)


def _duration(days: int) -> Sums:
    return Sums(Decimal(days), Decimal(1), 1, ((days, 1),))


FORMULAS = {
    "high_risk_approved": high_risk_approved,
    "measured_outcomes": measured_outcomes,
    "time_to_production": time_to_production,
    "time_to_decision": time_to_decision,
    "incident_rate": incident_rate,
    "time_to_mitigate": time_to_mitigate,
}
