"""What is looked at again without anybody asking."""

from datetime import date, timedelta

import pytest

from caio_portal.common import clock
from governance.decisions import Outcome
from governance.models import Approval, Cause, Evidence, Incident, IncidentUseCase, Review
from governance.services.approvals import decide_single
from governance.services.controls import record_evidence
from governance.services.rereviews import _plus_months, open_due_rereviews
from governance.services.reviews import open_review, withdraw_review
from portfolio.models import AiSystem, SystemProduct, SystemUse
from portfolio.services import write_facts
from tests.governance.factories import make_incident
from tests.vendors.factories import ContractFactory, ProductFactory

pytestmark = pytest.mark.django_db


def approved(scene, tier=2, **fields):
    review = scene.review(tier, **fields)
    decide_single(review.pk, Outcome.APPROVED, "Useful.", by=scene.office)
    return Approval.objects.select_related("use_case").get(pk=review.pk)


def later(days):
    return clock.at(clock.now() + timedelta(days=days))


def causes(approval):
    found = Review.objects.filter(use_case=approval.use_case_id, closed_at=None)
    return list(found.values_list("cause", "up_to_stage"))


def incident(scene, approval, severity):
    made = make_incident(scene.unit, scene.owner, severity=severity)
    IncidentUseCase.objects.create(incident=made, use_case=approval.use_case)
    Incident.objects.filter(pk=made.pk).update(reported_at=clock.now() + timedelta(seconds=1))


def test_what_is_in_order_is_left_alone(scene):
    approved(scene)

    assert open_due_rereviews() == 0


def evidence(scene, approval, days):
    until = clock.today() + timedelta(days=days)
    return record_evidence(
        approval.use_case_id, ["C01"], "Report", by=scene.owner, attestation="Seen.", met=True, valid_until=until
    )


def test_expired_evidence_of_a_met_control_opens_a_review_when_nobody_renews_it(scene):
    approval = approved(scene)
    evidence(scene, approval, 20)

    with later(27):
        assert open_due_rereviews() == 0
    with later(29):
        assert open_due_rereviews() == 1
    assert causes(approval) == [(Cause.EVIDENCE, approval.up_to_stage)]


def test_renewed_evidence_opens_nothing(scene):
    approval = approved(scene)
    evidence(scene, approval, 20)
    evidence(scene, approval, 200)

    with later(40):
        assert open_due_rereviews() == 0


def test_evidence_that_had_expired_when_it_was_approved_opens_nothing(scene):
    use_case = scene.use_case(2)
    piece = record_evidence(use_case.pk, ["C01"], "Report", by=scene.owner, attestation="Seen.", met=True)
    Evidence.objects.filter(pk=piece.pk).update(valid_until=clock.today() - timedelta(days=60))
    review = open_review(use_case.pk, by=scene.requester)
    decide_single(review.pk, Outcome.APPROVED, "Useful.", by=scene.office)

    assert open_due_rereviews() == 0


def relied_on(approval, **product):
    system = AiSystem.objects.create(name="Engine", unit=approval.use_case.unit)
    SystemUse.objects.create(ai_system=system, use_case=approval.use_case)
    made = ProductFactory(**product)
    SystemProduct.objects.create(ai_system=system, product=made)
    return made


def test_the_end_of_a_product_opens_a_review(scene):
    approval = approved(scene)
    relied_on(approval, ends_on=clock.today() + timedelta(days=10))

    assert open_due_rereviews() == 0
    with later(11):
        assert open_due_rereviews() == 1
    assert causes(approval) == [(Cause.VENDOR, approval.up_to_stage)]


@pytest.mark.parametrize(("renewed", "opens"), [(False, 1), (True, 0)])
def test_the_end_of_the_last_contract_opens_a_review(scene, renewed, opens):
    approval = approved(scene)
    vendor, today = relied_on(approval).vendor, clock.today()
    term = {"starts_on": today - timedelta(days=300), "notice_by": today, "ends_on": today + timedelta(days=10)}
    ContractFactory(vendor=vendor, **term)
    if renewed:
        ContractFactory(vendor=vendor, **term | {"ends_on": today + timedelta(days=400)})

    with later(12):
        assert open_due_rereviews() == opens


def test_changed_material_facts_are_reviewed_once_they_stand_still(scene):
    approval = approved(scene)
    write_facts(approval.use_case_id, {"spend_per_year": 9}, by=scene.office)

    assert open_due_rereviews() == 0
    with later(2):
        assert open_due_rereviews() == 1
        assert open_due_rereviews() == 0

    assert causes(approval) == [(Cause.MATERIAL_CHANGE, approval.up_to_stage)]


@pytest.mark.parametrize(("severity", "opens"), [(1, 1), (2, 1), (3, 0)])
def test_a_grave_incident_opens_a_review(scene, severity, opens):
    approval = approved(scene)
    incident(scene, approval, severity)

    assert open_due_rereviews() == opens
    assert [cause for cause, _ in causes(approval)] == [Cause.INCIDENT] * opens


def test_an_approval_is_renewed_in_time(scene):
    approval = approved(scene)

    with later(300):
        assert open_due_rereviews() == 0
    with later(330):
        assert open_due_rereviews() == 1

    assert causes(approval) == [(Cause.INTERVAL, approval.up_to_stage)]


def test_what_is_cleared_automatically_is_renewed_automatically(scene):
    scene.review(1)

    with later(700):
        assert open_due_rereviews() == 1

    assert Approval.objects.filter(ended_at=None).count() == 1
    assert Review.objects.filter(closed_at=None).count() == 0


def test_a_withdrawn_review_is_not_opened_again_at_once(scene):
    approval = approved(scene)
    incident(scene, approval, 1)
    open_due_rereviews()
    withdraw_review(Review.objects.get(closed_at=None).pk, "Later.", by=scene.office)

    assert open_due_rereviews() == 0
    with later(31):
        assert open_due_rereviews() == 1


def test_a_use_case_without_a_council_stops_nothing(scene):
    approval = approved(scene)
    incident(scene, approval, 1)
    scene.council.seats.update(ended_at=clock.now())
    write_facts(approval.use_case_id, {"high_impact": "yes"}, by=scene.office)

    assert open_due_rereviews() == 0


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 11, 21), 12, date(2027, 11, 21)),
        (date(2028, 2, 29), 24, date(2030, 2, 28)),
        (date(2026, 12, 5), 1, date(2027, 1, 5)),
    ],
)
def test_months_end_where_they_end(day, months, then):
    assert _plus_months(day, months) == then
