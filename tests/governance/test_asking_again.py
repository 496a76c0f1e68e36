"""A review of what was approved before asks those in whose field something is new."""

import json
from datetime import timedelta

import pytest
from django.utils.html import strip_tags

from caio_portal.audit.models import AuditEvent
from caio_portal.audit.trail import entries_of
from caio_portal.common import clock
from caio_portal.common.errors import NotAllowed
from governance.decisions import Outcome
from governance.models import Cause, Decision, Review, ReviewState, Severity, StepKind
from governance.services.assigning import ask_anyway
from governance.services.reviews import open_review, report_finding, resubmit, return_review
from portfolio.services import write_facts
from tests.governance.factories import make_incident

pytestmark = pytest.mark.django_db
ALL = {"legal", "ciso", "privacy"}


@pytest.fixture
def approved(scene):
    """A use case of tier 3 that the council has approved."""
    review = scene.vote(scene.on_vote(), legal="approve", ciso="approve", data="approve")
    assert review.decision.outcome == Outcome.APPROVED
    return review


def again(scene, approved, cause=Cause.MATERIAL_CHANGE, **facts):
    write_facts(approved.use_case_id, facts or {"custom_code": True}, by=scene.office)
    return open_review(approved.use_case_id, by=None, cause=cause)


def asked(review):
    examining = review.steps.filter(kind=StepKind.EXAMINE)
    return {step.function for step in examining if not step.is_spared}


def spared(review, function):
    return review.steps.get(function=function, nothing_new_since__isnull=False)


def test_only_those_in_whose_field_something_is_new_are_asked(scene, approved):
    review = again(scene, approved)

    assert asked(review) == {"ciso"}
    assert spared(review, "legal").nothing_new_since == approved
    assert review.steps.get(function="ciso").asked_because == "New: Custom code."
    assert {step.function for step in review.steps.all() if step.is_running} == {"ciso"}
    sentences = [strip_tags(entry.sentence) for entry in entries_of(review)]
    assert f"{review.ref} asks ciso; not legal, privacy, for nothing in their field is new." in sentences


def test_the_vote_is_as_ever(scene, approved):
    review = scene.examine(again(scene, approved))

    assert review.state == ReviewState.READY
    assert review.charter == approved.charter
    seats = review.seats.order_by("seat_id").values_list("seat_id", "holder_id", "mandatory")
    assert list(seats) == list(approved.seats.order_by("seat_id").values_list("seat_id", "holder_id", "mandatory"))
    scene.vote(review, ciso="approve", data="approve", finance="approve")
    assert review.is_open  # Legal was not asked to examine, and still nothing passes without its vote
    assert not scene.vote(review, legal="approve").is_open


def test_the_receipt_says_who_was_asked(scene, approved):
    review = scene.vote(scene.examine(again(scene, approved)), legal="approve", ciso="approve", data="approve")

    examined = json.loads(Decision.objects.get(review=review).receipt)["examined"]
    assert {line["function"]: (line["asked"], line["nothing_new_since"]) for line in examined} == {
        "legal": (False, approved.ref), "ciso": (True, None), "privacy": (False, approved.ref),
    }  # fmt: skip
    before = json.loads(Decision.objects.get(review=approved).receipt)["examined"]
    assert {line["function"] for line in before if line["asked"]} == ALL


def test_what_was_not_asked_is_compared_with_what_was_seen_last(scene, approved):
    second = scene.vote(scene.examine(again(scene, approved)), legal="approve", ciso="approve", data="approve")
    third = again(scene, second, data_description="More of it")

    assert asked(third) == {"privacy"}
    assert spared(third, "ciso").nothing_new_since == second
    assert spared(third, "legal").nothing_new_since == approved


@pytest.mark.parametrize("cause", [Cause.INTERVAL, Cause.INCIDENT, Cause.GATE])
def test_other_causes_ask_all(scene, approved, cause):
    assert asked(again(scene, approved, cause)) == ALL


def test_a_grave_incident_asks_all(scene, approved):
    incident = make_incident(scene.unit, scene.owner, severity=1)
    incident.use_case_links.create(use_case=approved.use_case)

    with clock.at(clock.now() + timedelta(seconds=5)):
        assert asked(again(scene, approved)) == ALL


def test_a_finding_against_it_is_looked_at_again(scene):
    review = scene.review()
    report_finding(review.pk, "legal", Severity.MAJOR, "No basis.", by=scene.reviewer("legal"))
    scene.vote(scene.examine(review), legal="approve", ciso="approve", data="approve")

    assert asked(again(scene, review)) == {"ciso", "legal"}


def test_what_was_rejected_is_examined_as_a_whole(scene):
    review = scene.vote(scene.on_vote(), data="approve", ciso="approve", legal="reject")

    assert asked(again(scene, review)) == ALL


def test_the_office_asks_all_the_same_and_the_vote_waits(scene, approved):
    review = scene.examine(again(scene, approved))

    step = ask_anyway(spared(review, "legal").pk, by=scene.office)

    review.refresh_from_db()
    assert (step.is_running, review.state) == (True, ReviewState.IN_REVIEW)
    assert not review.steps.get(kind=StepKind.VOTE).is_running
    assert AuditEvent.objects.filter(action="review.asked_anyway", subject_id=str(review.pk)).count() == 1
    assert scene.examine(review).state == ReviewState.READY


def test_nobody_else_asks_and_nobody_does_after_a_vote(scene, approved):
    review = again(scene, approved)
    step = spared(review, "legal")
    with pytest.raises(NotAllowed, match="Only the CAIO office"):
        ask_anyway(step.pk, by=scene.owner)
    with pytest.raises(NotAllowed, match="asked already"):
        ask_anyway(review.steps.get(function="ciso").pk, by=scene.office)
    scene.vote(scene.examine(review), data="approve")

    with pytest.raises(NotAllowed, match="Votes have been cast"):
        ask_anyway(step.pk, by=scene.office)


def test_what_changes_while_it_lies_with_the_team_is_asked_too(scene, approved):
    review = again(scene, approved)
    return_review(review.pk, "Say more.", by=scene.office)
    write_facts(approved.use_case_id, {"data_description": "Other data"}, by=scene.owner)

    resubmit(review.pk, by=scene.owner)

    assert asked(review) == {"ciso", "privacy"}


def test_the_page_says_whom_it_asks_and_the_office_asks_others(scene, approved, client):
    review = again(scene, approved)
    client.force_login(scene.office)
    step = spared(review, "legal")

    page = client.get(review.get_absolute_url()).content.decode()

    assert "You are asked about this alone" in page
    assert f'Nothing in its field has changed since it examined <a href="/reviews/{approved.ref}/">' in page
    client.post(f"/reviews/{review.ref}/steps/{step.pk}/ask/")
    assert asked(Review.objects.get(pk=review.pk)) == {"legal", "ciso"}
    assert 'Ask all the same<span class="sr">: Legal' not in client.get(review.get_absolute_url()).content.decode()
