"""Appeals against a decision."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from caio_portal.accounts.roles import Role
from caio_portal.audit.models import AuditEvent
from caio_portal.common import clock
from caio_portal.common.errors import Invalid, NotAllowed
from governance.decisions import NamedCondition, Outcome
from governance.models import Approval, Cause, Review
from governance.services.appeals import appeal
from governance.services.approvals import decide_single
from tests.factories import make_person, signed_in

pytestmark = pytest.mark.django_db


def decided(scene, outcome=Outcome.REJECTED, conditions=()):
    review = scene.review(2)
    named = [NamedCondition(text=text) for text in conditions]
    decide_single(review.pk, outcome, "Not useful.", named, by=scene.office)
    return Review.objects.get(pk=review.pk)


def test_appeal_opens_a_review_with_its_reason(scene):
    first = decided(scene)

    opened = appeal(first.pk, "It was misread.", by=scene.requester)

    assert (opened.cause, opened.appeal_of, opened.plea) == (Cause.APPEAL, first, "It was misread.")
    assert (opened.up_to_stage, opened.submission) == (first.up_to_stage, first.submission)
    assert AuditEvent.objects.order_by("-pk").values_list("action", flat=True)[0] == "review.appealed"


def test_somebody_else_decides_the_appeal(scene):
    opened = appeal(decided(scene).pk, "It was misread.", by=scene.requester)

    with pytest.raises(NotAllowed, match="Somebody else decides this appeal"):
        decide_single(opened.pk, Outcome.APPROVED, "Yes.", by=scene.office)
    decide_single(opened.pk, Outcome.APPROVED, "Yes.", by=make_person(Role.CAIO_OFFICE, unit=scene.unit))

    assert Approval.objects.get().decision_id == opened.pk


def test_an_appeal_against_conditions_that_fails_leaves_the_approval(scene):
    first = decided(scene, Outcome.APPROVED_WITH_CONDITIONS, ["Keep logs"])
    opened = appeal(first.pk, "Logs are kept elsewhere.", by=scene.owner)

    decide_single(opened.pk, Outcome.REJECTED, "They are not.", by=scene.caio)

    assert Approval.objects.get(ended_at=None).decision_id == first.pk


def test_appeal_without_a_reason_is_refused(scene):
    with pytest.raises(Invalid, match="Say why"):
        appeal(decided(scene).pk, " ", by=scene.requester)


def test_appeal_is_for_the_team_within_30_days_and_once(scene):
    first = decided(scene)
    with pytest.raises(NotAllowed, match="Only who requests"):
        appeal(first.pk, "x", by=scene.office)
    with clock.at(clock.now() + timedelta(days=34)), pytest.raises(NotAllowed, match="within 30 days"):
        appeal(first.pk, "x", by=scene.requester)
    opened = appeal(first.pk, "x", by=scene.requester)
    with pytest.raises(NotAllowed, match="reviewed again"):
        appeal(first.pk, "x", by=scene.requester)

    decide_single(opened.pk, Outcome.REJECTED, "No.", by=scene.caio)
    with pytest.raises(NotAllowed, match="decided on an appeal"):
        appeal(opened.pk, "x", by=scene.requester)


def test_a_plain_approval_and_an_open_review_are_not_appealed(scene):
    with pytest.raises(NotAllowed, match="Only a rejection"):
        appeal(decided(scene, Outcome.APPROVED).pk, "x", by=scene.requester)
    with pytest.raises(NotAllowed, match="Only a decision"):
        appeal(scene.review(2).pk, "x", by=scene.requester)


def test_only_appeals_have_a_plea(scene):
    review = scene.review(2)

    with pytest.raises(IntegrityError, match="review_appeals_for_a_reason"), transaction.atomic():
        Review.objects.filter(pk=review.pk).update(plea="x")


def test_appeal_on_the_page(scene):
    first = decided(scene)
    client = signed_in(scene.requester)
    assert "Appeal" in client.get(first.get_absolute_url()).content.decode()

    refused = client.post(f"{first.get_absolute_url()}appeal/", {"reason": ""})
    response = client.post(f"{first.get_absolute_url()}appeal/", {"reason": "It was misread."})

    opened = Review.objects.get(closed_at=None)
    assert refused.status_code == 422
    assert response.url == opened.get_absolute_url()
    page = client.get(opened.get_absolute_url()).content.decode()
    assert "It was misread." in page
    assert first.ref in page
