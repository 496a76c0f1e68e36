from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from caio_portal.common import clock
from governance.models import Category, Harm, Incident, IncidentReport, IncidentSeverity
from governance.services import incidents
from tests.factories import make_unit, make_use_case, signed_in
from tests.governance.factories import make_incident

pytestmark = pytest.mark.django_db


def typed(moment):
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M")


def report_of(unit, **fields):
    given = {
        "title": "Wrong letters", "description": "They went to wrong people.", "severity": "2", "category": "privacy",
        "harm": "data", "unit": unit.pk, "occurred_at": typed(clock.now() - timedelta(hours=3)),
    }  # fmt: skip
    return given | fields


@pytest.mark.parametrize("rows", [1, 3])
def test_incident_list_asks_a_constant_number_of_queries(unit, owner, django_assert_num_queries, rows):
    client = signed_in(owner)
    made = [make_incident(unit) for _ in range(rows)]

    with django_assert_num_queries(7):  # session, user, roles, units, count, rows, facets
        response = client.get(reverse("governance:incident_list"))

    assert {row.ref for row in response.context["table"].rows} == {one.ref for one in made}


def test_incident_list_is_filtered_and_exported(unit, owner):
    client = signed_in(owner)
    make_incident(unit, category=Category.SAFETY, title="Fell over")
    make_incident(unit, title="=1+1")

    page = client.get("/incidents/?category=safety&state=open")
    file = client.get("/incidents/?format=csv")

    assert [row.title for row in page.context["table"].rows] == ["Fell over"]
    assert b"'=1+1" in file.getvalue()


def test_incident_list_answers_htmx_with_the_list_alone(unit, owner):
    make_incident(unit)

    response = signed_in(owner).get("/incidents/", headers={"HX-Request": "true", "HX-Target": "incidents"})

    assert response.content.decode().strip().startswith('<section class="list" id="incidents">')


def test_report_incident_page(unit, owner):
    use_case = make_use_case(unit=unit, owner=owner)

    response = signed_in(owner).post("/incidents/new/", report_of(unit, use_cases=use_case.ref.lower()))

    incident = Incident.objects.get()
    assert response.headers["Location"] == incident.get_absolute_url()
    assert [link.use_case for link in incident.use_case_links.all()] == [use_case]
    assert incident.reported_by == owner


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": ""}, "title"),
        ({"severity": "9"}, "severity"),
        ({"use_cases": "UC-1999-0001"}, "use_cases"),
        ({"occurred_at": "yesterday"}, "occurred_at"),
        ({"near_miss": "on"}, "near_miss"),
    ],
)
def test_report_incident_page_says_what_is_wrong(unit, owner, wrong, field):
    response = signed_in(owner).post("/incidents/new/", report_of(unit, **wrong))

    assert (response.status_code, list(response.context["form"].errors)) == (422, [field])
    assert Incident.objects.count() == 0


def test_report_incident_page_does_not_know_foreign_use_cases(unit, owner):
    foreign = make_use_case(unit=make_unit())

    response = signed_in(owner).post("/incidents/new/", report_of(unit, use_cases=foreign.ref))

    assert response.context["form"].errors["use_cases"] == [f"There is no use case {foreign.ref}."]


def test_incident_detail_page_shows_times_and_clocks(unit, owner):
    incident = make_incident(unit, owner, harm=Harm.DATA)

    response = signed_in(owner).get(incident.get_absolute_url())

    page = response.context["page"]
    assert [line.clock.id for line in page.clocks] == ["gdpr-breach"]
    assert (page.clocks[0].words, page.clocks[0].due_at) == ("Running", incident.detected_at + timedelta(hours=72))
    assert [each.took for each in page.moments] == ["", "after 1 h 0 min", "", ""]


@pytest.mark.parametrize(
    ("hours", "told_after", "words"),
    [(80, None, "Overdue"), (80, 10, "Reported"), (80, 75, "Reported late"), (10, None, "Running")],
)
def test_incident_detail_page_says_how_clocks_stand(unit, owner, hours, told_after, words):
    occurred = clock.now() - timedelta(hours=hours)
    incident = make_incident(unit, owner, harm=Harm.DATA, occurred_at=occurred, detected_at=occurred)
    if told_after:
        sent_at = occurred + timedelta(hours=told_after)
        IncidentReport.objects.create(incident=incident, clock="gdpr-breach", sent_at=sent_at, by=owner)

    response = signed_in(owner).get(incident.get_absolute_url())

    assert response.context["page"].clocks[0].words == words


def test_incident_detail_page_of_a_foreign_unit_does_not_exist(owner):
    incident = make_incident(make_unit())

    response = signed_in(owner).get(incident.get_absolute_url())

    assert response.status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_incident_detail_page_asks_a_constant_number_of_queries(unit, owner, django_assert_num_queries, rows):
    now = clock.now()
    use_cases = [make_use_case(unit=unit, owner=owner) for _ in range(rows)]
    incident = incidents.report_incident(
        "Wrong letters", by=owner, unit_id=unit.pk, description="x", severity=IncidentSeverity.MAJOR,
        category=Category.PRIVACY, occurred_at=now, detected_at=now, harm=Harm.DATA, use_cases=use_cases,
    )  # fmt: skip
    for number in range(rows):
        incidents.plan_action(incident.pk, f"Do {number}", by=owner, owner=owner, due_on=clock.today())
    client = signed_in(owner)

    with django_assert_num_queries(11):
        client.get(incident.get_absolute_url())


def test_an_incident_is_walked_through_to_its_end(unit, owner):
    client = signed_in(owner)
    incident = make_incident(unit, owner, harm=Harm.DATA)
    base = incident.get_absolute_url()

    client.post(f"{base}edit/", report_of(unit, severity="1", title="Very wrong letters"))
    client.post(f"{base}mitigate/", {"containment": "Printer stopped"})
    client.post(f"{base}clocks/gdpr-breach/", {"reference": "2026-77"})
    client.post(f"{base}actions/new/", {"text": "Test joins", "owner": owner.pk, "due_on": clock.today()})
    client.post(f"/incidents/actions/{incident.actions.get().pk}/done/")
    client.post(f"{base}resolve/", {"cause": "A wrong join"})

    incident.refresh_from_db()
    assert (incident.title, incident.severity, incident.state) == ("Very wrong letters", 1, "resolved")
    assert incident.reports.get().reference == "2026-77"
    assert incident.actions.get().done_at


def test_a_clock_that_does_not_run_is_not_found(unit, owner):
    incident = make_incident(unit, owner)

    assert signed_in(owner).get(f"{incident.get_absolute_url()}clocks/eu-death/").status_code == 404


def test_a_resolved_incident_refuses_its_forms(unit, owner):
    incident = make_incident(unit, owner)
    incidents.resolve_incident(incident.pk, by=owner, cause="x")

    response = signed_in(owner).get(f"{incident.get_absolute_url()}mitigate/")

    assert (response.status_code, "This incident is resolved." in response.content.decode()) == (403, True)


def test_a_refused_time_stands_at_its_field(unit, owner):
    incident = make_incident(unit, owner)
    early = typed(incident.occurred_at - timedelta(days=1))

    response = signed_in(owner).post(f"{incident.get_absolute_url()}mitigate/", {"at": early, "containment": "x"})

    assert (response.status_code, list(response.context["form"].errors)) == (422, ["at"])
