from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from caio_portal.accounts.roles import Role
from governance.models import Review
from kpis import answers
from kpis.models import Alert, AlertKind, AlertState
from portfolio.stages import Stage
from tests.factories import make_person, make_unit, signed_in
from tests.governance.factories import make_incident, make_review
from tests.kpis.factories import make_alert, make_use_case

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mid_november")]
NOW = datetime(2026, 11, 15, 12, tzinfo=UTC)


def address(name, *args):
    return reverse(f"kpis:{name}", args=args)


def listed(response):
    return [alert.text for alert in response.context["table"].rows]


def test_the_list_has_what_runs_in_the_units_of_a_person(root):
    make_alert(root, text="Light")
    make_alert(root, text="Grave", grave=True, kind=AlertKind.STALE)
    make_alert(root, text="Over", ended_at=NOW)
    make_alert(make_unit("Elsewhere"), text="Of others")
    client = signed_in(make_person(Role.EXECUTIVE, unit=root))

    assert listed(client.get(address("alert_list"))) == ["Grave", "Light"]
    assert listed(client.get(address("alert_list") + "?state=ended")) == ["Over"]
    assert b"Light" in client.get(address("alert_list") + "?format=csv").getvalue()


def test_alerts_about_hidden_use_cases_do_not_exist(root):
    use_case = make_use_case(root, (Stage.PRODUCTION, NOW), confidential=True)
    alert = make_alert(root, use_case=use_case)
    client = signed_in(make_person(Role.OWNER, unit=root))

    assert listed(client.get(address("alert_list"))) == []
    assert client.get(address("alert_detail", alert.pk)).status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_alert_list_query_count(root, rows, django_assert_num_queries):
    for number in range(rows):
        make_alert(root, text=f"Alert {number}", ended_at=None, kpi=f"kpi_{number}")
    client = signed_in(make_person(Role.CAIO, unit=root))

    with django_assert_num_queries(7):  # session, user, roles; count, rows, facets; notices
        response = client.get(address("alert_list"))

    assert len(listed(response)) == rows


def test_an_alert_is_acknowledged_muted_and_linked_on_its_page(root, office):
    alert, incident = make_alert(root), make_incident(root, office)
    client = signed_in(office)

    page = client.get(alert.get_absolute_url())
    muted = client.post(address("mute_alert", alert.pk), {"until": "2026-12-01", "reason": "A holiday"})
    linked = client.post(address("link_incident", alert.pk), {"incident": incident.pk})
    taken = client.post(address("acknowledge_alert", alert.pk), {"note": "In hand"})

    alert.refresh_from_db()
    assert page.status_code == 200
    assert [response.status_code for response in (muted, linked, taken)] == [302, 302, 302]
    assert (alert.state, alert.incident, alert.note, alert.muted_until) == (
        AlertState.ACKNOWLEDGED, incident, "In hand", None,
    )  # fmt: skip
    assert b"In hand" in client.get(alert.get_absolute_url()).content


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("mute_alert", {"until": "2020-01-01", "reason": "Old"}),
        ("mute_alert", {"until": "2026-12-01", "reason": ""}),
        ("link_incident", {"incident": "77"}),
        ("acknowledge_alert", {"note": "x" * 301}),
    ],
)
def test_what_is_wrong_comes_back_with_what_was_typed(root, office, name, typed):
    alert = make_alert(root)

    response = signed_in(office).post(address(name, alert.pk), typed)

    alert.refresh_from_db()
    assert (response.status_code, alert.state) == (422, AlertState.OPEN)


def test_whoever_does_not_answer_for_it_only_reads(root):
    alert = make_alert(root)
    client = signed_in(make_person(Role.EXECUTIVE, unit=root))

    assert client.get(alert.get_absolute_url()).context["forms"] == {}
    assert client.post(address("acknowledge_alert", alert.pk), {}).status_code == 403


def test_a_use_case_is_reviewed_again_and_an_open_review_will_do(root, office):
    review = make_review(root, office)
    alert = make_alert(root, use_case=review.use_case, kind=AlertKind.BURN)
    client = signed_in(office)

    assert client.post(address("ask_rereview", alert.pk)).status_code == 302
    alert.refresh_from_db()

    assert (alert.review, alert.state, Review.objects.count()) == (review, AlertState.ACKNOWLEDGED, 1)
    assert client.post(address("ask_rereview", alert.pk)).status_code == 403


def test_alerts_wait_for_their_owner_and_else_for_the_office(root, office):
    owner = make_person(Role.EXECUTIVE, unit=root)
    make_alert(root, text="Owned", owner=owner)
    make_alert(root, text="Nobody's", kind=AlertKind.TREND)
    make_alert(root, text="Muted", kind=AlertKind.STALE, muted_until=date(2026, 12, 1), muted_by=office)

    assert [entry.title for entry in answers.work_of(owner)] == ["Owned"]
    assert [entry.title for entry in answers.work_of(office)] == ["Nobody's"]
    assert {alert.text: alert.answerable for alert in Alert.objects.all()} == {
        "Owned": owner.name,
        "Nobody's": "CAIO office",
        "Muted": "CAIO office",
    }


def test_a_kpi_tells_of_its_alerts(root, office):
    alert = make_alert(root, text="Half of them are missing.")

    page = signed_in(office).get(reverse("kpis:kpi_detail", args=["training_completion"]))

    assert list(page.context["alerts"]) == [alert]
    assert b"Half of them are missing." in page.content


def test_a_linked_incident_is_named_to_those_who_may_see_it(root):
    claims = make_unit("Claims", root)
    office, executive = make_person(Role.CAIO_OFFICE, unit=root), make_person(Role.EXECUTIVE, unit=claims)
    incident = make_incident(make_unit("Health", root), title="Records of patients in prompts")
    alert = make_alert(claims, incident=incident)

    seen = signed_in(executive).get(address("alert_detail", alert.pk)).content.decode()
    named = make_alert(
        root, kind=AlertKind.STALE, incident=make_incident(root, office, title="Answers in another language")
    )
    own = signed_in(office).get(address("alert_detail", named.pk)).content.decode()

    assert "Records of patients" not in seen
    assert incident.ref in seen
    assert "Answers in another language" in own
