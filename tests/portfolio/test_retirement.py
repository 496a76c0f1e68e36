"""The end of a use case runs a checklist: what is not settled stays to be done, and is somebody's work."""

import pytest
from django.urls import reverse

from caio_portal.accounts.roles import Role
from caio_portal.audit.models import AuditEvent
from portfolio import home, services
from portfolio.models import DutyState, RetirementDuty, UseCase
from portfolio.retirement import duties
from portfolio.stages import Stage
from tests.factories import make_person, make_use_case, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(unit):
    return make_person(Role.OWNER, unit=unit)


@pytest.fixture
def use_case(unit, owner):
    return make_use_case("Chat", unit=unit, requester=owner, owner=owner, stage=Stage.PRODUCTION)


@pytest.fixture
def retired(use_case, owner):
    settled = dict.fromkeys(list(duties())[1:], DutyState.DONE)
    return services.retire_use_case(use_case.pk, by=owner, reason="Replaced.", settled=settled)


def states() -> dict[str, str]:
    return dict(RetirementDuty.objects.values_list("duty", "state"))


def settle(use_case, duty="access") -> str:
    row = RetirementDuty.objects.get(use_case=use_case, duty=duty)
    return reverse("portfolio:settle_retirement_duty", args=[use_case.ref, row.pk])


def test_the_checklist_is_asked_with_the_reason(use_case, owner):
    client = signed_in(owner)
    page = client.get(reverse("portfolio:move_use_case", args=[use_case.ref])).content.decode()

    client.post(
        reverse("portfolio:retire_use_case", args=[use_case.ref]),
        {"reason": "Replaced.", "duty_access": "done", "duty_contracts": "none"},
    )

    assert all(duty.text in page.replace("&#x27;", "'") for duty in duties().values())
    assert UseCase.objects.get().stage == Stage.RETIRED
    assert states() == {**dict.fromkeys(duties(), "open"), "access": "done", "contracts": "none"}


def test_a_refused_form_keeps_what_was_chosen(use_case, owner):
    address = reverse("portfolio:retire_use_case", args=[use_case.ref])

    response = signed_in(owner).post(address, {"reason": "", "duty_data": "done"})

    assert (response.status_code, RetirementDuty.objects.count()) == (422, 0)
    assert response.context["retire_form"]["duty_data"].value() == "done"


def test_what_is_not_settled_is_work_until_it_is(retired, owner):
    client = signed_in(owner)
    [work] = [entry for entry in home.my_work(owner) if entry.kind == "Finish its end"]

    client.post(settle(retired), {"state": "none"})

    assert work.url == f"{retired.get_absolute_url()}#end"
    assert states()["access"] == "none"
    assert [entry for entry in home.my_work(owner) if entry.kind == "Finish its end"] == []
    assert AuditEvent.objects.filter(action="use_case.retirement_settled").count() == 1


def test_the_dossier_shows_the_checklist(retired, owner, unit):
    own = signed_in(owner).get(retired.get_absolute_url()).content.decode()
    read = signed_in(make_person(Role.AUDITOR, unit=unit)).get(retired.get_absolute_url()).content.decode()

    assert settle(retired) in own
    assert settle(retired) not in read
    assert "Still to do" in read


def test_others_settle_nothing(retired, unit):
    response = signed_in(make_person(Role.AUDITOR, unit=unit)).post(settle(retired), {"state": "done"})

    assert (response.status_code, states()["access"]) == (403, "open")


def test_nothing_is_settled_before_the_end(use_case, owner):
    RetirementDuty.objects.create(use_case=use_case, duty="access")

    assert signed_in(owner).post(settle(use_case), {"state": "done"}).status_code == 403
