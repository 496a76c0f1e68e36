"""Each trigger opens a review that says what led to it, and where that is shown."""

from datetime import timedelta

import pytest

from caio_portal.common import clock
from caio_portal.common.errors import Invalid, NotAllowed
from governance.decisions import Outcome
from governance.models import Approval, Cause, Incident, IncidentUseCase, Review
from governance.services.approvals import decide_single
from governance.services.controls import record_evidence
from governance.services.gates import ask_at_gate
from governance.services.rereviews import open_due_rereviews
from portfolio import ports
from portfolio.models import AiSystem, SystemProduct, SystemUse
from portfolio.services import retire_use_case, write_facts
from portfolio.stages import Stage
from tests.factories import make_person, signed_in
from tests.governance.factories import make_incident
from tests.vendors.factories import ProductFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def approval(scene):
    review = scene.review(2)
    decide_single(review.pk, Outcome.APPROVED, "Useful.", by=scene.office)
    return Approval.objects.select_related("use_case").get(pk=review.pk)


def opened(approval, days):
    """The cause, reason and address of the review that the hourly job opens so many days later."""
    with clock.at(clock.now() + timedelta(days=days)):
        assert open_due_rereviews() == 1
    return Review.objects.values_list("cause", "why", "why_url").get(use_case=approval.use_case_id, closed_at=None)


def test_a_changed_fact_is_named(scene, approval):
    write_facts(approval.use_case_id, {"personal_data": True}, by=scene.office)

    cause, why, url = opened(approval, 2)

    assert (cause, url) == (Cause.MATERIAL_CHANGE, f"{approval.use_case.get_absolute_url()}history/")
    assert why == "Facts that the approval rests on have changed: Personal data."


def test_an_incident_is_named(scene, approval):
    incident = make_incident(scene.unit, scene.owner, severity=1)
    IncidentUseCase.objects.create(incident=incident, use_case=approval.use_case)
    Incident.objects.filter(pk=incident.pk).update(reported_at=clock.now() + timedelta(seconds=1))

    assert opened(approval, 0) == (Cause.INCIDENT, f"{incident}.", incident.get_absolute_url())


def test_a_product_that_ended_is_named(scene, approval):
    system = AiSystem.objects.create(name="Engine", unit=scene.unit)
    SystemUse.objects.create(ai_system=system, use_case=approval.use_case)
    product = ProductFactory(ends_on=clock.today() + timedelta(days=10))
    SystemProduct.objects.create(ai_system=system, product=product)

    cause, why, url = opened(approval, 11)

    assert (cause, url) == (Cause.VENDOR, product.vendor.get_absolute_url())
    assert why == f"{product} of {product.vendor} ended on {product.ends_on:%-d %B %Y}."


def test_evidence_that_expired_is_named(scene, approval):
    until = clock.today() + timedelta(days=20)
    record_evidence(
        approval.use_case_id, ["C01"], "Bias test", by=scene.owner, attestation="Seen.", met=True, valid_until=until
    )

    cause, why, url = opened(approval, 29)

    assert (cause, url) == (Cause.EVIDENCE, f"{approval.use_case.get_absolute_url()}controls/C01/")
    assert why.endswith(f"expired on {until:%-d %B %Y}: Bias test.")


def test_the_schedule_says_when_the_approval_ends(scene, approval):
    cause, why, url = opened(approval, 330)

    assert (cause, url) == (Cause.INTERVAL, approval.decision.review.get_absolute_url())
    assert f"ends on {approval.valid_until:%-d %B %Y}; tier 2 is looked at every" in why


def test_the_page_says_why_a_review_was_opened(scene, approval):
    write_facts(approval.use_case_id, {"personal_data": True}, by=scene.office)
    opened(approval, 2)
    review = Review.objects.get(use_case=approval.use_case_id, closed_at=None)

    page = signed_in(scene.office).get(review.get_absolute_url()).content.decode()

    assert "Facts that the approval rests on have changed: Personal data." in page
    assert f'href="{review.why_url}"' in page


def test_a_gate_without_approval_leads_to_a_review_up_to_its_stage(scene, approval):
    use_case = approval.use_case
    write_facts(use_case.pk, {"personal_data": True}, by=scene.owner)
    use_case.refresh_from_db()
    [line] = [each for each in ports.checklist(use_case, Stage.PRODUCTION).requirements if each.key == "approval"]
    client = signed_in(scene.owner)
    asked = client.get(line.url)
    response = client.post(line.url, {"reason": "The pilot went well."})

    review = Review.objects.get(use_case=use_case, closed_at=None)
    assert (asked.status_code, response.url) == (200, review.get_absolute_url())
    assert (review.cause, review.up_to_stage) == (Cause.GATE, Stage.PRODUCTION)
    assert review.why == f"{scene.owner} at the gate to production: The pilot went well."
    [line] = [each for each in ports.checklist(use_case, Stage.PRODUCTION).requirements if each.key == "approval"]
    assert line.url == review.get_absolute_url()


def test_a_gate_is_asked_at_by_the_team_once_and_after_a_first_review(scene, approval):
    use_case = approval.use_case
    never = scene.use_case(2)
    for person, case, to, sentence in (
        (make_person(), use_case, Stage.PRODUCTION, "Only its team"),
        (scene.owner, use_case, Stage.EXPERIMENT, "no gate leads to"),
        (scene.owner, never, Stage.PRODUCTION, "never reviewed"),
    ):
        with pytest.raises(NotAllowed, match=sentence):
            ask_at_gate(case.pk, to, "Now.", by=person)
    with pytest.raises(Invalid, match="Say what has changed"):
        ask_at_gate(use_case.pk, Stage.PRODUCTION, " ", by=scene.owner)
    ask_at_gate(use_case.pk, Stage.PRODUCTION, "Now.", by=scene.owner)
    with pytest.raises(NotAllowed, match="already under review"):
        ask_at_gate(use_case.pk, Stage.PRODUCTION, "Now.", by=scene.owner)


def test_retiring_ends_the_approval_and_the_review(scene, approval):
    ask_at_gate(approval.use_case_id, Stage.PRODUCTION, "Now.", by=scene.owner)

    retire_use_case(approval.use_case_id, by=scene.owner, reason="Replaced.")

    approval.refresh_from_db()
    assert (approval.end_reason, Review.objects.open().count()) == ("retired", 0)
