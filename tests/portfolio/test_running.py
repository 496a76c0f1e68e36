"""The lane without blame: what runs already is told, gets time, and the ways to put it in order."""

from datetime import timedelta

import pytest

from caio_portal.accounts.models import Notice
from caio_portal.accounts.roles import Role
from caio_portal.audit.models import AuditEvent
from caio_portal.common import clock
from caio_portal.common.errors import Invalid
from portfolio import home, ports, services
from portfolio.light import running
from portfolio.models import Source, Tool, UseCase
from portfolio.stages import Stage
from tests.factories import make_person, make_unit, make_use_case, signed_in

pytestmark = pytest.mark.django_db
REPORT = "/intake/running/"


@pytest.fixture
def acme():
    return make_unit("Acme")


@pytest.fixture
def office(acme):
    return make_person(Role.CAIO_OFFICE, unit=acme)


@pytest.fixture
def requester(acme):
    return make_person(Role.REQUESTER, unit=acme)


@pytest.fixture
def client(requester):
    return signed_in(requester)


def typed(unit, **changes):
    sent = {"title": "Answering suppliers", "unit": unit.pk, "stage": "production", "product": "Chatty"}
    return {**sent, "since": "2026-02-01", "users": "12", **changes}


@pytest.fixture
def reported(acme, requester):
    return services.report_running_use("Chat", acme.pk, by=requester, stage=Stage.PRODUCTION, facts={})


def test_what_runs_is_told_in_a_minute(client, acme, office):
    response = client.post(REPORT, typed(acme))

    use_case = UseCase.objects.get()
    assert response.url == f"{use_case.get_absolute_url()}#settle"
    assert (use_case.stage, use_case.source) == (Stage.PRODUCTION, Source.DECLARATION)
    assert use_case.settle_by == clock.today() + timedelta(days=60)
    assert use_case.facts == {"vendor_product": "Chatty", "operational_on": "2026-02-01", "users_expected": 12}
    assert Notice.objects.get().user == office
    assert AuditEvent.objects.filter(action="use_case.reported_running").count() == 1


@pytest.mark.parametrize(
    "changes", [{"title": " "}, {"stage": "idea"}, {"since": "2999-01-01"}, {"users": "0"}, {"unit": ""}]
)
def test_what_cannot_be_reported_comes_back_as_it_was_typed(client, acme, changes):
    response = client.post(REPORT, {**typed(acme), **changes})

    assert (response.status_code, UseCase.objects.count()) == (422, 0)
    assert response.context["form"]["product"].value() == "Chatty"


def test_an_idea_does_not_run(acme, requester):
    with pytest.raises(Invalid):
        services.report_running_use("Chat", acme.pk, by=requester, stage=Stage.IDEA, facts={})


def test_a_later_stage_at_registration_starts_the_clock_too(acme, requester):
    runs = services.register_use_case("Chat", acme.pk, by=requester, stage=Stage.PILOT)
    idea = services.register_use_case("Other", acme.pk, by=requester)

    assert (runs.settle_by, idea.settle_by) == (clock.today() + timedelta(days=60), None)


def test_the_dossier_names_the_ways_and_offers_a_tool(client, acme, office, reported):
    day = clock.today()
    tool = Tool(name="Quill", unit=acme, terms="No secrets.", approved_on=day, review_on=day + timedelta(days=9))
    services.save_tool(tool, by=office)

    page = client.get(reported.get_absolute_url())

    assert page.context["settling"].tools == (tool,)
    assert "nobody is blamed" in page.content.decode()


def test_an_approval_stops_the_clock(reported, monkeypatch):
    monkeypatch.setattr(ports.approved_ids, "providers", [lambda: UseCase.objects.filter(pk=reported.pk).values("pk")])

    assert running.to_settle(reported) is None


def test_retiring_stops_the_clock(reported, requester):
    after = services.retire_use_case(reported.pk, by=requester, reason="An approved tool does it.")

    assert (running.to_settle(after), running.standings(after, requester)) == (None, [])


@pytest.mark.parametrize(("days", "label", "tone"), [(0, "Time left", "warn"), (61, "Overdue", "bad")])
def test_it_stands_under_the_title_and_is_work_of_whoever_told_it(requester, reported, days, label, tone):
    with clock.at(clock.now() + timedelta(days=days)):
        [standing] = running.standings(reported, requester)
        [work] = [entry for entry in home.my_work(requester) if entry.kind == "Put in order"]

    assert (standing.label, standing.tone) == (label, tone)
    assert (work.due_on, work.overdue) == (reported.settle_by, days > 60)


def test_the_office_is_reminded_of_what_is_overdue_only(office, reported):
    now = home.my_work(office)
    with clock.at(clock.now() + timedelta(days=61)):
        later = home.my_work(office)

    assert ([e.title for e in now], [e.title for e in later]) == ([], ["Chat"])


def test_the_list_is_narrowed_to_what_is_to_be_put_in_order(client, acme, requester, reported):
    make_use_case("Quiet", unit=acme, requester=requester)

    table = client.get("/use-cases/", {"unsettled": "1"}).context["table"]

    assert [row.ref for row in table.rows] == [reported.ref]
