from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from caio_portal.accounts.models import Notice
from caio_portal.accounts.roles import Role
from caio_portal.audit.models import AuditEvent
from caio_portal.common import clock
from caio_portal.common.errors import Invalid, NotAllowed
from governance.models import Category, Harm, Incident, IncidentSeverity, IncidentState
from governance.services import incidents
from tests.factories import make_person, make_unit, make_use_case, signed_in

pytestmark = pytest.mark.django_db


def report(by, unit, **fields):
    now = clock.now()
    given = {
        "title": "Wrong letters", "description": "Letters went to wrong people.", "severity": IncidentSeverity.MAJOR,
        "category": Category.PRIVACY, "occurred_at": now - timedelta(hours=5), "detected_at": now - timedelta(hours=2),
    }  # fmt: skip
    return incidents.report_incident(by=by, unit_id=unit.pk, **(given | fields))


def last_action():
    return AuditEvent.objects.order_by("-pk").first().action


def test_report_incident_tells_the_owner_and_the_office(unit, owner):
    requester = make_person(Role.REQUESTER, unit=unit)
    office = make_person(Role.CAIO_OFFICE, unit=unit)
    use_case = make_use_case(unit=unit, owner=owner)

    incident = report(requester, unit, use_cases=[use_case])

    assert incident.ref == f"I-{clock.today().year}-0001"
    assert [link.use_case for link in incident.use_case_links.all()] == [use_case]
    assert {notice.user for notice in Notice.objects.all()} == {owner, office}
    assert (incident.state, last_action()) == (IncidentState.OPEN, "incident.reported")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": " "}, "title"),
        ({"description": ""}, "description"),
        ({"detected_at": None, "occurred_at": "later"}, "detected_at"),
        ({"detected_at": "later"}, "detected_at"),
        ({"near_miss": True, "harm": Harm.HEALTH}, "near_miss"),
    ],
)
def test_report_incident_refuses_what_cannot_be(unit, owner, wrong, field):
    later = clock.now() + timedelta(hours=1)
    fields = {name: later if value == "later" else value for name, value in wrong.items()}

    with pytest.raises(Invalid) as refusal:
        report(owner, unit, **fields)

    assert refusal.value.field == field
    assert Incident.objects.count() == 0


def test_an_auditor_reports_nothing(unit):
    with pytest.raises(NotAllowed, match="auditor"):
        report(make_person(Role.AUDITOR, unit=unit), unit)


def test_the_four_times_tell_the_story(unit, owner):
    incident = report(owner, unit)

    incidents.mitigate_incident(incident.pk, by=owner, containment="Printer stopped")
    state_then = Incident.objects.get().state
    incidents.resolve_incident(incident.pk, by=owner, cause="A wrong join", lessons="Test joins")

    incident.refresh_from_db()
    assert state_then == IncidentState.MITIGATED
    assert incident.state == IncidentState.RESOLVED
    assert incident.occurred_at < incident.detected_at < incident.mitigated_at <= incident.resolved_at
    assert (incident.containment, incident.cause, last_action()) == (
        "Printer stopped", "A wrong join", "incident.resolved",
    )  # fmt: skip


def test_resolving_at_once_also_mitigates(unit, owner):
    incident = report(owner, unit)

    incidents.resolve_incident(incident.pk, by=owner, cause="A wrong join")

    incident.refresh_from_db()
    assert incident.mitigated_at == incident.resolved_at


@pytest.mark.parametrize("hours", [-3, 1])
def test_times_are_in_order_and_not_to_come(unit, owner, hours):
    incident = report(owner, unit)
    at = clock.now() + timedelta(hours=hours)

    with pytest.raises(Invalid):
        incidents.mitigate_incident(incident.pk, by=owner, at=at)
    with pytest.raises(Invalid):
        incidents.resolve_incident(incident.pk, by=owner, at=at, cause="x")


def test_the_database_keeps_the_times_in_order(unit, owner):
    incident = report(owner, unit)

    with pytest.raises(IntegrityError, match="incident_times_in_order"), transaction.atomic():
        Incident.objects.filter(pk=incident.pk).update(mitigated_at=incident.occurred_at)


def test_a_resolved_incident_is_not_worked_on(unit, owner):
    incident = report(owner, unit)
    incidents.resolve_incident(incident.pk, by=owner, cause="A wrong join")

    with pytest.raises(NotAllowed, match="resolved"):
        incidents.edit_incident(incident.pk, by=owner, title="Other")


def test_others_do_not_work_on_it(unit, owner):
    incident = report(owner, unit)
    stranger = make_person(Role.OWNER, unit=make_unit())

    with pytest.raises(NotAllowed, match="its unit"):
        incidents.mitigate_incident(incident.pk, by=stranger)


def test_edit_incident_tells_what_changed(unit, owner):
    incident = report(owner, unit)

    incidents.edit_incident(incident.pk, by=owner, severity=IncidentSeverity.CRITICAL, title="Wrong letters")

    event = AuditEvent.objects.order_by("-pk").first()
    assert (event.action, '"changes":"severity"' in event.payload) == ("incident.edited", True)


def test_actions_are_planned_and_finished(unit, owner):
    other = make_person(Role.REQUESTER, unit=unit)
    incident = report(owner, unit)
    action = incidents.plan_action(incident.pk, "Test joins", by=owner, owner=other, due_on=clock.today())

    incidents.finish_action(action.pk, by=other)

    action.refresh_from_db()
    assert (bool(action.done_at), last_action()) == (True, "incident.action_done")


def test_telling_an_authority_stops_its_clock_once(unit, owner):
    incident = report(owner, unit, harm=Harm.DATA)
    incidents.tell_authority(incident.pk, "gdpr-breach", "GDPR, Art. 33", by=owner, reference="2026-77")

    with pytest.raises(Invalid, match="already"):
        incidents.tell_authority(incident.pk, "gdpr-breach", "GDPR, Art. 33", by=owner)

    assert [told.clock for told in incident.reports.all()] == ["gdpr-breach"]


def test_linking_twice_is_told_once(unit, owner):
    incident, use_case = report(owner, unit), make_use_case(unit=unit)

    incidents.link_use_case(incident.pk, use_case, by=owner)
    incidents.link_use_case(incident.pk, use_case, by=owner)

    assert AuditEvent.objects.filter(action="incident.linked").count() == 1


def test_incidents_of_confidential_use_cases_stay_hidden(unit, owner):
    reader = make_person(Role.REQUESTER, unit=unit)
    named = make_person(Role.REQUESTER, unit=unit)
    report(owner, unit)
    secret = make_use_case(unit=unit, owner=named, confidential=True)
    report(make_person(Role.CAIO_OFFICE, unit=unit), unit, title="Secret", use_cases=[secret])

    assert [one.title for one in Incident.objects.visible_to(reader)] == ["Wrong letters"]
    assert Incident.objects.visible_to(named).count() == 2
    assert Incident.objects.visible_to(make_person(Role.OWNER, unit=make_unit())).count() == 0


@pytest.mark.parametrize("state", IncidentState)
def test_incidents_are_filtered_by_state(unit, owner, state):
    report(owner, unit)
    incidents.mitigate_incident(report(owner, unit).pk, by=owner)
    incidents.resolve_incident(report(owner, unit).pk, by=owner, cause="x")

    (found,) = signed_in(owner).get("/incidents/", {"state": state}).context["table"].rows

    assert found.state == state
