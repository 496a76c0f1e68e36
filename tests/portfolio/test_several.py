"""One change to several use cases."""

import pytest
from django.urls import reverse

from caio_portal.accounts.roles import Role
from caio_portal.accounts.services import grant_role
from caio_portal.audit.models import AuditEvent
from caio_portal.common.errors import Invalid, NotAllowed
from portfolio import services
from portfolio.models import Part, UseCase, UseCasePerson
from portfolio.stages import Stage
from tests.factories import make_person, make_unit, make_use_case, signed_in

pytestmark = pytest.mark.django_db
SEVERAL = "/use-cases/several/"


@pytest.fixture
def unit():
    return make_unit("Insurance")


@pytest.fixture
def olga():
    return make_person(name="Olga Owner")


@pytest.fixture
def use_cases(unit):
    return [make_use_case(title, unit=unit, stage=Stage.PILOT) for title in ("Chat", "Code")]


def rows(use_cases):
    return [f"{each.pk}:{each.revision}" for each in use_cases]


def owners():
    return dict(UseCase.objects.values_list("title", "owner__name"))


def events():
    return list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))


@pytest.mark.parametrize("number", [1, 3])
def test_change_several_query_count(office, unit, number, django_assert_max_num_queries):
    for _ in range(number):
        make_use_case(unit=unit, owner=make_person())
    client = signed_in(office)
    client.get(SEVERAL)

    # those of the list, and rows with their people, keys in order, units and people to choose from
    with django_assert_max_num_queries(16):
        response = client.get(SEVERAL)

    assert len(response.context["found"]) == number


def test_the_page_offers_what_the_list_found(office, unit, use_cases):
    make_use_case("Idea", unit=unit)

    response = signed_in(office).get(f"{SEVERAL}?stage=pilot&sort=title")

    assert [each.title for each in response.context["found"]] == ["Chat", "Code"]
    assert signed_in(office).get("/use-cases/?stage=pilot").context["table"].change_url == f"{SEVERAL}?stage=pilot"


def test_the_first_post_shows_and_changes_nothing(office, use_cases, olga):
    before = events()

    response = signed_in(office).post(SEVERAL, {"field": "owner", "person": olga.pk, "row": rows(use_cases)})

    assert [(each.use_case.title, each.before, each.counts) for each in response.context["plan"]] == [
        ("Code", "Nobody", True), ("Chat", "Nobody", True)
    ]  # fmt: skip
    assert "Change 2 use cases" in response.content.decode()
    assert (owners(), events()) == ({"Chat": None, "Code": None}, before)


def test_the_second_post_changes_those_that_were_chosen(office, use_cases, olga):
    told = {"field": "owner", "person": olga.pk, "row": rows(use_cases[:1]), "apply": "1"}

    response = signed_in(office).post(f"{SEVERAL}?stage=pilot", told)

    assert (response.status_code, response.url) == (302, "/use-cases/?stage=pilot")
    assert owners() == {"Chat": "Olga Owner", "Code": None}
    assert events()[-1:] == ["use_case.edited"]


def test_what_may_not_be_changed_is_left_and_explained(unit, use_cases, olga):
    requester = make_person(Role.REQUESTER, unit=unit)
    own = make_use_case("Own", unit=unit, requester=requester, stage=Stage.PILOT)
    told = {"field": "sponsor", "person": olga.pk, "row": rows([*use_cases, own])}
    client = signed_in(requester)

    plan = client.post(SEVERAL, told).context["plan"]
    client.post(SEVERAL, {**told, "apply": "1"})

    assert {each.use_case.title: each.objection is None for each in plan} == {"Own": True, "Chat": False, "Code": False}
    assert dict(UseCase.objects.values_list("title", "sponsor__name")) == {
        "Own": "Olga Owner", "Chat": None, "Code": None
    }  # fmt: skip


def test_a_unit_in_which_one_may_not_register_is_not_offered(office, use_cases):
    response = signed_in(office).post(SEVERAL, {"field": "unit", "unit": make_unit().pk, "row": rows(use_cases)})

    assert response.status_code == 422


def test_use_cases_move_to_another_unit(office, unit, use_cases):
    claims = make_unit("Claims", unit)
    grant_role(office, claims, Role.CAIO_OFFICE, by=None)

    told = {"field": "unit", "unit": claims.pk, "row": rows(use_cases), "apply": "1"}
    signed_in(office).post(SEVERAL, told)

    assert set(UseCase.objects.values_list("unit__name", flat=True)) == {"Claims"}


def test_confidentiality_is_changed(office, use_cases):
    told = {"field": "confidential", "confidential": "yes", "row": rows(use_cases), "apply": "1"}
    signed_in(office).post(SEVERAL, told)

    assert set(UseCase.objects.values_list("confidential", flat=True)) == {True}


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"field": "owner", "row": []}, "Choose at least one use case."),
        ({"field": "unit"}, "Choose the unit to which they move."),
        ({"field": "tier"}, "Select a valid choice"),
        ({"field": "contributor"}, "Choose whom to name."),
    ],
)
def test_what_makes_no_sense_is_refused(office, use_cases, told, sentence):
    response = signed_in(office).post(SEVERAL, {"row": rows(use_cases), **told})

    assert response.status_code == 422
    assert sentence in response.content.decode()


def test_somebody_else_was_faster_then_nothing_is_changed(office, use_cases, olga):
    told = {"field": "owner", "person": olga.pk, "row": rows(use_cases), "apply": "1"}
    services.edit_use_case(use_cases[1].pk, by=office, title="Code 2")

    response = signed_in(office).post(SEVERAL, told)

    assert response.status_code == 422
    assert f"{use_cases[1].ref}: Somebody else changed this meanwhile" in response.content.decode()
    assert set(owners().values()) == {None}


def test_more_than_can_be_changed_at_once(office, unit, monkeypatch):
    monkeypatch.setattr("portfolio.views.several.MOST", 1)
    make_use_case(unit=unit)
    make_use_case(unit=unit)

    assert "Filter for at most 200" in signed_in(office).get(SEVERAL).content.decode()


def test_services_name_the_use_case_that_stands_in_the_way(use_cases, olga):
    with pytest.raises(NotAllowed, match=f"^{use_cases[0].ref}: "):
        services.edit_use_cases([(each.pk, 1) for each in use_cases], by=olga, owner=olga)


def test_services_name_what_is_stale(office, use_cases, olga):
    with pytest.raises(Invalid, match=f"^{use_cases[1].ref}: Somebody else"):
        services.edit_use_cases([(use_cases[0].pk, 1), (use_cases[1].pk, 7)], by=office, owner=olga)


def test_readers_are_not_offered_the_change(unit, use_cases):
    auditor = make_person(Role.AUDITOR, unit=unit)

    assert signed_in(auditor).get(reverse("portfolio:use_case_list")).context["table"].change_url == ""
    assert signed_in(auditor).get(SEVERAL).status_code == 403


def test_use_cases_are_paused_and_what_is_paused_is_left(office, use_cases):
    services.pause_use_case(use_cases[0].pk, by=office)
    use_cases[0].refresh_from_db()
    told = {"field": "pause", "reason": "Budget", "row": rows(use_cases)}
    client = signed_in(office)

    plan = client.post(SEVERAL, told).context["plan"]
    client.post(SEVERAL, {**told, "apply": "1"})

    assert {each.use_case.title: (each.before, each.counts) for each in plan} == {
        "Chat": ("Paused", False), "Code": ("Pilot", True),
    }  # fmt: skip
    assert not UseCase.objects.filter(paused_at=None).exists()
    assert events()[-2:] == ["use_case.paused", "use_case.paused"]


def test_use_cases_are_retired_each_with_its_checklist(office, use_cases):
    told = {"field": "retire", "row": rows(use_cases), "apply": "1"}

    refused = signed_in(office).post(SEVERAL, told)
    signed_in(office).post(SEVERAL, {**told, "reason": "The vendor is gone"})

    assert (refused.status_code, "Say why they are retired." in refused.content.decode()) == (422, True)
    assert set(UseCase.objects.values_list("stage", flat=True)) == {"retired"}
    assert all(each.retirement_duties.exists() for each in UseCase.objects.all())


def test_somebody_is_named_in_several(office, use_cases, olga):
    services.name_person(use_cases[0].pk, olga, Part.READER, by=office)
    told = {"field": "reader", "person": olga.pk, "row": rows(use_cases)}
    client = signed_in(office)

    page = client.post(SEVERAL, told)
    client.post(SEVERAL, {**told, "apply": "1"})

    assert {each.use_case.title: (each.before, each.counts) for each in page.context["plan"]} == {
        "Chat": ("Olga Owner", False), "Code": ("Nobody", True),
    }  # fmt: skip
    assert "Readers now" in page.content.decode()
    assert UseCasePerson.objects.filter(user=olga, part="reader").count() == 2


def test_what_is_done_to_several_is_done_to_all_or_none(office, use_cases):
    with pytest.raises(Invalid, match=f"^{use_cases[1].ref}: Somebody else"):
        services.act_on_use_cases([(use_cases[0].pk, 1), (use_cases[1].pk, 7)], "retire", "Over", by=office)

    assert set(UseCase.objects.values_list("stage", flat=True)) == {"pilot"}
