from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from caio_portal.accounts.roles import Role
from caio_portal.audit.models import AuditEvent
from caio_portal.common import clock
from caio_portal.common.errors import Invalid, NotAllowed
from governance.models import Risk
from governance.selectors.policies import policy_in_force
from governance.selectors.risks import risk_sheet
from governance.services import risks
from governance.services.tiering import tier_use_cases
from tests.factories import make_person, make_use_case

pytestmark = pytest.mark.django_db

SCORES = {"likelihood": 4, "impact": 5, "residual_likelihood": 2, "residual_impact": 5}


@pytest.fixture
def use_case(unit, owner):
    use_case = make_use_case(unit=unit, owner=owner, facts={"high_impact": "yes"})
    tier_use_cases([use_case])
    return use_case


def last_action():
    return AuditEvent.objects.order_by("-pk").first().action


def soon():
    return clock.today() + timedelta(days=180)


def test_record_risk(use_case, owner):
    risk = risks.record_risk(use_case.pk, " It denies wrongly ", by=owner, owner=owner, **SCORES)

    assert (risk.title, risk.inherent, risk.residual) == ("It denies wrongly", 20, 10)
    assert last_action() == "risk.recorded"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": " "}, "title"),
        ({"likelihood": 6}, "likelihood"),
        ({"residual_impact": 0}, "residual_impact"),
        ({"residual_likelihood": 5}, "residual_likelihood"),
    ],
)
def test_record_risk_refuses_scores_that_make_no_sense(use_case, owner, wrong, field):
    given = {"title": "It fails"} | SCORES | wrong

    with pytest.raises(Invalid) as refusal:
        risks.record_risk(use_case.pk, by=owner, owner=owner, **given)

    assert refusal.value.field == field


def test_the_database_refuses_a_residual_above_the_inherent_risk(use_case, owner):
    wrong = SCORES | {"residual_likelihood": 5}

    with pytest.raises(IntegrityError, match="risk_residual_not_above_inherent"), transaction.atomic():
        Risk.objects.create(use_case=use_case, title="x", owner=owner, **wrong)


def test_others_do_not_record_risks(use_case, unit):
    auditor = make_person(Role.AUDITOR, unit=unit)

    with pytest.raises(NotAllowed):
        risks.record_risk(use_case.pk, "x", by=auditor, owner=auditor, **SCORES)


def test_above_the_appetite_the_caio_signs(use_case, owner, unit):
    risk = risks.record_risk(use_case.pk, "It denies wrongly", by=owner, owner=owner, **SCORES)
    office, caio = make_person(Role.CAIO_OFFICE, unit=unit), make_person(Role.CAIO, unit=unit)
    with pytest.raises(NotAllowed, match="above the appetite"):
        risks.accept_risk(risk.pk, by=office, until=soon(), reason="Worth it")

    risks.accept_risk(risk.pk, by=caio, until=soon(), reason="Worth it")

    sheet = risk_sheet(use_case, policy_in_force())
    assert (sheet.residual, sheet.appetite, sheet.breaches, sheet.lines[0].tone) == (10, 8, 0, "warn")
    assert last_action() == "risk.accepted"


def test_an_acceptance_ends(use_case, owner, unit):
    risk = risks.record_risk(use_case.pk, "It denies wrongly", by=owner, owner=owner, **SCORES)
    risks.accept_risk(risk.pk, by=make_person(Role.CAIO, unit=unit), until=soon(), reason="Worth it")

    with clock.at(clock.now() + timedelta(days=181)):
        sheet = risk_sheet(use_case, policy_in_force())

    assert (sheet.breaches, sheet.lines[0].tone) == (1, "bad")


def test_the_owner_accepts_nothing(use_case, unit):
    caio = make_person(Role.CAIO, unit=unit)
    use_case.owner = caio
    use_case.save()
    risk = risks.record_risk(use_case.pk, "It denies wrongly", by=caio, owner=caio, **SCORES)

    with pytest.raises(NotAllowed, match="somebody else"):
        risks.accept_risk(risk.pk, by=caio, until=soon(), reason="Worth it")


def test_accept_risk_wants_a_reason_and_a_day_within_a_year(use_case, owner, unit):
    risk = risks.record_risk(use_case.pk, "It denies wrongly", by=owner, owner=owner, **SCORES)
    caio = make_person(Role.CAIO, unit=unit)

    with pytest.raises(Invalid, match="Say why"):
        risks.accept_risk(risk.pk, by=caio, until=soon(), reason=" ")
    with pytest.raises(NotAllowed, match="within a year"):
        risks.accept_risk(risk.pk, by=caio, until=clock.today() + timedelta(days=400), reason="Worth it")


def test_a_risk_that_grows_loses_its_acceptance(use_case, owner, unit):
    risk = risks.record_risk(use_case.pk, "It denies wrongly", by=owner, owner=owner, **SCORES)
    risks.accept_risk(risk.pk, by=make_person(Role.CAIO, unit=unit), until=soon(), reason="Worth it")

    risks.assess_risk(risk.pk, by=owner, residual_likelihood=3, residual_impact=5)

    risk.refresh_from_db()
    assert (risk.residual, risk.accepted_by, risk.accepted_until) == (15, None, None)
    assert last_action() == "risk.assessed"


def test_a_closed_risk_is_gone_from_the_sheet(use_case, owner):
    risk = risks.record_risk(use_case.pk, "It denies wrongly", by=owner, owner=owner, **SCORES)

    risks.close_risk(risk.pk, by=owner)

    assert risk_sheet(use_case, policy_in_force()).residual is None
    with pytest.raises(NotAllowed, match="closed"):
        risks.assess_risk(risk.pk, by=owner, residual_likelihood=1, residual_impact=1)
