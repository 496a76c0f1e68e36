"""A unit joins a use case of another one: asked, let in on conditions or declined, ended."""

import json

import pytest
from django.urls import reverse

from caio_portal.accounts.models import Notice
from caio_portal.accounts.roles import Role
from caio_portal.audit.models import AuditEvent
from caio_portal.common import clock
from caio_portal.common.errors import Invalid, NotAllowed
from portfolio import services
from portfolio.home import my_work
from portfolio.models import Branch, UseCase, UseCasePerson
from portfolio.stages import Stage
from tests.factories import make_person, make_unit, make_use_case, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    return make_unit("House")


@pytest.fixture
def glass(house):
    return make_unit("Glass", parent=house)


@pytest.fixture
def owner(house):
    return make_person(Role.OWNER, unit=house, name="Olga Owner")


@pytest.fixture
def ann(house):
    """Somebody who registers in all units of the house."""
    return make_person(Role.REQUESTER, unit=house, name="Ann Ames")


@pytest.fixture
def use_case(house, owner):
    return make_use_case("Chat for claims", unit=house, requester=make_person(), owner=owner)


@pytest.fixture
def branch(use_case, glass, ann):
    return services.ask_to_join(use_case.pk, glass.pk, "The same, for broken windows.", by=ann)


def page_of(use_case) -> str:
    return reverse("portfolio:ask_to_join", args=[use_case.ref])


def settle(client, branch, **data):
    return client.post(reverse("portfolio:settle_branch", args=[branch.use_case.ref, branch.pk]), data, follow=True)


def test_the_page_shows_what_one_would_join_and_asks_those_who_lead_it(use_case, glass, ann, owner):
    client = signed_in(ann)
    page = client.get(page_of(use_case)).content.decode()

    asked = client.post(page_of(use_case), {"unit": glass.pk, "purpose": "For broken windows."})

    branch = Branch.objects.get()
    assert "Olga Owner" in page
    assert (branch.unit, branch.asked_by, branch.state, asked.url) == (
        glass, ann, "asked", use_case.get_absolute_url()
    )  # fmt: skip
    assert owner in [notice.user for notice in Notice.objects.all()]
    assert [entry.kind for entry in my_work(owner)] == ["Let it join?"]


@pytest.mark.parametrize("changes", [{"purpose": " "}, {"unit": ""}, {"unit": 0}])
def test_what_is_incomplete_comes_back_as_it_was_typed(use_case, glass, ann, changes):
    sent = {"unit": glass.pk, "purpose": "For broken windows."} | changes

    response = signed_in(ann).post(page_of(use_case), sent)

    assert (response.status_code, Branch.objects.count()) == (422, 0)


def test_a_unit_joins_on_conditions_that_stand_on_the_dossier(branch, owner, ann, use_case):
    response = settle(signed_in(owner), branch, join="1", conditions="Only letters in English.")

    branch.refresh_from_db()
    content = response.content.decode()
    assert (branch.state, branch.settled_by, branch.conditions) == ("joined", owner, "Only letters in English.")
    assert "Only letters in English." in content
    assert "The same, for broken windows." in content
    assert UseCasePerson.objects.get(use_case=use_case).user == ann
    assert Notice.objects.filter(user=ann).get().text.endswith("Only letters in English.")
    assert AuditEvent.objects.filter(action="use_case.joined").count() == 1
    assert my_work(owner) == []


def test_declined_it_says_why(branch, owner, ann):
    silent = settle(signed_in(owner), branch, conditions=" ")
    assert "Say why not." in silent.content.decode()

    settle(signed_in(owner), branch, conditions="Other data.")

    branch.refresh_from_db()
    assert (branch.state, branch.conditions) == ("declined", "Other data.")
    assert "does not join" in Notice.objects.filter(user=ann).get().text


def test_once_settled_it_stays_settled_and_may_end(branch, owner, ann, glass, use_case):
    services.settle_branch(branch.pk, joins=True, by=owner)

    with pytest.raises(NotAllowed, match="settled already"):
        services.settle_branch(branch.pk, joins=False, conditions="x", by=owner)
    with pytest.raises(Invalid, match="takes part in it"):
        services.ask_to_join(use_case.pk, glass.pk, "Again.", by=ann)
    signed_in(ann).post(reverse("portfolio:end_branch", args=[use_case.ref, branch.pk]))
    branch.refresh_from_db()
    assert (branch.state, branch.ended_at is not None) == ("ended", True)
    assert services.ask_to_join(use_case.pk, glass.pk, "Again.", by=ann).state == "asked"


def test_only_those_who_lead_it_let_others_in(branch, ann):
    assert settle(signed_in(ann), branch, join="1").status_code == 403


@pytest.mark.parametrize("why", ["own unit", "elsewhere", "retired"])
def test_who_may_not_ask(use_case, ann, house, glass, why):
    unit = {"own unit": house, "elsewhere": make_unit("Fleet"), "retired": glass}[why]
    if why == "retired":
        UseCase.objects.filter(pk=use_case.pk).update(stage="retired")

    with pytest.raises(NotAllowed):
        services.ask_to_join(use_case.pk, unit.pk, "The same.", by=ann)


def test_nobody_joins_what_they_do_not_see(use_case, ann):
    UseCase.objects.filter(pk=use_case.pk).update(confidential=True)

    assert signed_in(ann).get(page_of(use_case)).status_code == 404


# --- in the register --------------------------------------------------------------------------------------------


@pytest.fixture
def joined(unit, office):
    """A use case of Insurance that Claims joined on a condition, and one that nobody joined."""
    claims = make_unit("Claims handling")
    shared = make_use_case("Triage", unit=unit, stage=Stage.PILOT)
    make_use_case("Alone", unit=unit, stage=Stage.PILOT)
    Branch.objects.create(
        use_case=shared, unit=claims, purpose="Sorts our letters", state="joined", conditions="Only in English",
        asked_by=office, settled_by=office, settled_at=clock.now(),
    )  # fmt: skip
    Branch.objects.create(use_case=shared, unit=make_unit("Sales"), purpose="Leads", asked_by=office)
    return claims


def test_the_list_filters_by_who_joined_and_counts(joined, office):
    client = signed_in(office)

    found = {key: client.get(f"/use-cases/?joined={key}").context["table"] for key in (joined.pk, "none")}
    counted = client.get("/use-cases/?by=joined&facets=1").context["table"].facets

    assert {key: [row.title for row in table.rows] for key, table in found.items()} == {
        joined.pk: ["Triage"], "none": ["Alone"],
    }  # fmt: skip
    assert [(option.label, option.count) for facet in counted if facet.key == "joined" for option in facet.options] == [
        ("Claims handling", 1), ("Nobody", 1),
    ]  # fmt: skip


def test_the_list_shows_and_exports_who_joined_what_for_and_on_which_conditions(joined, office):
    client = signed_in(office)

    page = client.get("/use-cases/?col=joined").content.decode()
    exported = b"".join(client.get("/use-cases/?format=json").streaming_content).decode()

    assert "Claims handling <span" in page
    assert "Sales" not in page
    [row] = [row for row in json.loads(exported) if row["title"] == "Triage"]
    assert [row[head] for head in ("joined", "joined_for", "joined_on")] == [
        "Claims handling", "Claims handling: Sorts our letters", "Claims handling: Only in English",
    ]  # fmt: skip


@pytest.mark.parametrize("layout", ["board", "timeline", "tree"])
def test_other_layouts_name_who_joined(joined, office, layout):
    page = signed_in(office).get(f"/use-cases/?view={layout}").content.decode()

    assert page.count(" · with Claims handling") == 1
    assert ("Sorts our letters" in page) == (layout == "tree")
