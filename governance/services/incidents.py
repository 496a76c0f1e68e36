"""Incidents: reported, mitigated, resolved; what was learnt, and who was told."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import transaction

from caio_portal.accounts.models import OrgUnit, User
from caio_portal.accounts.roles import Role
from caio_portal.accounts.selectors import people_with
from caio_portal.accounts.services import notify
from caio_portal.audit.events import record
from caio_portal.common import clock
from caio_portal.common.errors import Invalid, require
from governance.models import (
    Category,
    Harm,
    Incident,
    IncidentAction,
    IncidentReport,
    IncidentSeverity,
    IncidentUseCase,
    IncidentVendor,
)
from governance.rules import incidents as rules
from portfolio import references
from portfolio.models import UseCase
from vendors.models import Vendor

EDITABLE = ("title", "description", "severity", "category", "harm", "near_miss", "containment", "cause", "lessons")


@transaction.atomic
def report_incident(
    title: str,
    *,
    by: User,
    unit_id: int,
    description: str,
    severity: IncidentSeverity,
    category: Category,
    occurred_at: datetime,
    detected_at: datetime | None = None,
    harm: Harm = Harm.NONE,
    near_miss: bool = False,
    use_cases: Iterable[UseCase] = (),
    vendors: Iterable[Vendor] = (),
) -> Incident:
    """Report an incident; the office and the owners of the use cases are told."""
    require(rules.objection_to_report_incident(by))
    detected_at = detected_at or clock.now()
    _require_words(title, description)
    _require_order(occurred_at, detected_at)
    if near_miss and harm != Harm.NONE:
        raise Invalid("A near miss harmed nobody.", "near_miss")
    incident = Incident.objects.create(
        ref=references.take("I", clock.today().year)[0], title=title.strip(), description=description.strip(),
        unit=OrgUnit.objects.get(pk=unit_id), severity=severity, category=category, harm=harm, near_miss=near_miss,
        occurred_at=occurred_at, detected_at=detected_at, reported_by=by, reported_at=clock.now(),
    )  # fmt: skip
    affected, suppliers = list(use_cases), list(vendors)
    IncidentUseCase.objects.bulk_create(IncidentUseCase(incident=incident, use_case=one) for one in affected)
    IncidentVendor.objects.bulk_create(IncidentVendor(incident=incident, vendor=one) for one in suppliers)
    record(
        "incident.reported", incident, by=by, severity=IncidentSeverity(severity).label, category=category,
        harm=harm, near_miss=near_miss, occurred=occurred_at, detected=detected_at,
        use_cases=[one.ref for one in affected], vendors=[one.name for one in suppliers],
    )  # fmt: skip
    _tell(incident, affected, by)
    return incident


@transaction.atomic
def edit_incident(incident_id: int, *, by: User, **fields: Any) -> Incident:
    """Correct or complete what is known of an incident."""
    incident = _locked(incident_id)
    require(rules.objection_to_work_on_incident(by, incident))
    if unknown := fields.keys() - set(EDITABLE):
        raise TypeError(f"{sorted(unknown)} cannot be edited.")
    changed = {name: value for name, value in fields.items() if getattr(incident, name) != value}
    if not changed:
        return incident
    for name, value in changed.items():
        setattr(incident, name, value)
    _require_words(incident.title, incident.description)
    if incident.near_miss and incident.harm != Harm.NONE:
        raise Invalid("A near miss harmed nobody.", "near_miss")
    incident.save(update_fields=list(changed))
    record("incident.edited", incident, by=by, changes=", ".join(sorted(changed)), values=changed)
    return incident


@transaction.atomic
def mitigate_incident(incident_id: int, *, by: User, at: datetime | None = None, containment: str = "") -> Incident:
    """Record that the harm was stopped."""
    incident, at = _locked(incident_id), at or clock.now()
    require(rules.objection_to_work_on_incident(by, incident))
    if incident.mitigated_at:
        raise Invalid("This incident is mitigated already.", "at")
    _require_after(at, incident.detected_at, "It was detected")
    incident.mitigated_at = at
    incident.containment = containment.strip() or incident.containment
    incident.save(update_fields=["mitigated_at", "containment"])
    record("incident.mitigated", incident, by=by, occurred_at=at, containment=incident.containment)
    return incident


@transaction.atomic
def resolve_incident(
    incident_id: int, *, by: User, cause: str, at: datetime | None = None, lessons: str = ""
) -> Incident:
    """Record that it is over, and why it came about; what was not mitigated before is so now."""
    incident, at = _locked(incident_id), at or clock.now()
    require(rules.objection_to_work_on_incident(by, incident))
    if not cause.strip():
        raise Invalid("Say what the cause was.", "cause")
    _require_after(at, incident.mitigated_at or incident.detected_at, "It was mitigated or detected")
    incident.mitigated_at, incident.resolved_at = incident.mitigated_at or at, at
    incident.cause, incident.lessons = cause.strip(), lessons.strip() or incident.lessons
    incident.save(update_fields=["mitigated_at", "resolved_at", "cause", "lessons"])
    record("incident.resolved", incident, by=by, occurred_at=at, cause=incident.cause, lessons=incident.lessons)
    return incident


@transaction.atomic
def link_use_case(incident_id: int, use_case: UseCase, *, by: User) -> IncidentUseCase:
    """Say that an incident affects a use case."""
    incident = _locked(incident_id)
    require(rules.objection_to_work_on_incident(by, incident))
    link, is_new = IncidentUseCase.objects.get_or_create(incident=incident, use_case=use_case)
    if is_new:
        record("incident.linked", incident, by=by, what=str(use_case))
    return link


@transaction.atomic
def plan_action(incident_id: int, text: str, *, by: User, owner: User, due_on: date) -> IncidentAction:
    """Plan something so that it does not happen again."""
    incident = _locked(incident_id)
    require(rules.objection_to_add_to_incident(by, incident))
    if not text.strip():
        raise Invalid("Say what is to be done.", "text")
    action = IncidentAction.objects.create(incident=incident, text=text.strip(), owner=owner, due_on=due_on)
    record("incident.action_planned", incident, by=by, task=action.text, owner=owner.name, due_on=due_on)
    if owner.pk != by.pk:
        notify([owner], incident, f"Yours after {incident.ref}: {action.text}", incident.get_absolute_url())
    return action


@transaction.atomic
def finish_action(action_id: int, *, by: User) -> IncidentAction:
    """Say that a planned action is done."""
    action = IncidentAction.objects.select_for_update(of=("self",)).select_related("incident").get(pk=action_id)
    if action.owner_id != by.pk:
        require(rules.objection_to_add_to_incident(by, action.incident))
    if action.done_at is None:
        action.done_at = clock.now()
        action.save(update_fields=["done_at"])
        record("incident.action_done", action.incident, by=by, task=action.text)
    return action


@transaction.atomic
def tell_authority(
    incident_id: int, clock_id: str, title: str, *, by: User, sent_at: datetime | None = None, reference: str = ""
) -> IncidentReport:
    """Record that an authority was told, which stops the clock named CLOCK_ID."""
    incident = _locked(incident_id)
    require(rules.objection_to_add_to_incident(by, incident))
    sent_at = sent_at or clock.now()
    _require_after(sent_at, incident.detected_at, "It was detected")
    if incident.reports.filter(clock=clock_id).exists():
        raise Invalid("This report was recorded already.", "clock")
    report = IncidentReport.objects.create(
        incident=incident, clock=clock_id, sent_at=sent_at, reference=reference.strip(), by=by
    )
    record("incident.authority_told", incident, by=by, occurred_at=sent_at, clock=title, reference=report.reference)
    return report


def _locked(incident_id: int) -> Incident:
    return Incident.objects.select_for_update(of=("self",)).select_related("unit").get(pk=incident_id)


def _tell(incident: Incident, use_cases: Iterable[UseCase], by: User) -> None:
    owners = User.objects.filter(pk__in={one.owner_id for one in use_cases if one.owner_id})
    office = people_with(Role.CAIO, Role.CAIO_OFFICE, unit=incident.unit) if incident.severity <= 2 else []
    people = [person for person in [*owners, *office] if person.pk != by.pk]
    notify(people, incident, f"Incident reported: {incident}.", incident.get_absolute_url())


def _require_words(title: str, description: str) -> None:
    if not title.strip():
        raise Invalid("Give the incident a title.", "title")
    if not description.strip():
        raise Invalid("Say what happened.", "description")


def _require_order(occurred_at: datetime, detected_at: datetime) -> None:
    if occurred_at > detected_at:
        raise Invalid("It cannot be detected before it occurred.", "detected_at")
    if detected_at > clock.now():
        raise Invalid("This time has not come yet.", "detected_at")


def _require_after(at: datetime, earlier: datetime, what: str) -> None:
    if at < earlier:
        raise Invalid(f"{what} later than that.", "at")
    if at > clock.now():
        raise Invalid("This time has not come yet.", "at")
