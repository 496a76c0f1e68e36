"""Where a review is, for whoever waits for it: whose turn, since when, why it came back, how long it usually takes."""

from datetime import timedelta

import pytest
from django.urls import reverse

from caio_portal.common import clock
from governance.decisions import Outcome
from governance.selectors import previews
from governance.selectors.usual_times import usual_times
from governance.selectors.whereabouts import whereabouts
from governance.services.approvals import decide_single
from governance.services.reviews import resubmit, return_review
from portfolio.models import UseCase
from portfolio.ports import Usual
from tests.factories import signed_in

pytestmark = pytest.mark.django_db


def of(review, scene):
    return whereabouts(UseCase.objects.select_related("unit").get(pk=review.use_case_id), scene.requester)


def test_without_an_open_review_it_is_nowhere(scene):
    assert whereabouts(scene.use_case(), scene.requester) is None


def test_it_is_the_turn_of_those_who_are_asked(scene):
    review = scene.on_vote()

    found = of(review, scene)

    assert found.ref == review.ref
    assert set(found.turn) == {member.name for member in scene.members.values()}
    assert found.returned is None
    assert found.due_on == review.steps.get(kind="vote").due_on
    assert found.steps[-1].state == "current"


def test_returned_it_is_with_its_team_and_says_why(scene):
    review = scene.review()
    return_review(review.pk, "Say who is affected.", by=scene.office)

    with clock.at(clock.now() + timedelta(days=30)):
        found = of(review, scene)

    assert (found.returned, found.due_on, found.days) == ("Say who is affected.", None, 0)
    assert set(found.turn) == {scene.owner.name, scene.requester.name, scene.sponsor.name}


def test_steps_tell_how_long_they_take(scene):
    planned = [step.detail for step in of(scene.review(), scene).steps]
    for _ in range(3):
        scene.vote(scene.on_vote(), legal="approve", ciso="approve", data="approve")
    known = [step.detail for step in of(scene.review(), scene).steps]

    assert planned[-1] == "5 days planned"
    assert planned[0].startswith("Due ")
    assert planned[0].endswith("days planned")
    assert known[-1] == "Usually 0 days"


def test_few_decisions_say_nothing_of_what_is_usual(scene):
    for _ in range(2):
        scene.vote(scene.on_vote(), legal="approve", ciso="approve", data="approve")
    review = scene.review()
    found = of(review, scene)

    assert (found.usual, usual_times(3, review.route).steps) == (None, {})
    assert found.planned == sum({step.phase: step.days for step in review.steps.all()}.values())


def test_what_is_usual_is_told_for_the_route_and_its_steps(scene):
    began = clock.now() - timedelta(weeks=8)
    for weeks in (1, 1, 2, 4):
        with clock.at(began):
            review = scene.on_vote()
        with clock.at(began + timedelta(weeks=weeks)):
            scene.vote(review, legal="approve", ciso="approve", data="approve")

    usual = usual_times(3, review.route)
    other = usual_times(2, review.route)

    assert usual.whole == usual.of("vote", ()) == Usual(median=8, most=14, of=4)  # 5, 5, 10, 20 business days
    assert usual.of("examine", ("privacy",)) is not None
    assert (other.whole, other.steps) == (None, {})
    ahead = previews.preview(review.use_case.facts, None)
    assert ahead.usual == usual.whole
    assert [step.usual for step in ahead.route][-1] == usual.of("vote", ())


def test_a_wait_with_the_team_is_not_time_that_the_route_took(scene):
    reviews = [scene.review(2) for _ in range(3)]
    for review in reviews:
        return_review(review.pk, "Why?", by=scene.office)
    with clock.at(clock.now() + timedelta(weeks=2)):
        for review in reviews:
            resubmit(review.pk, by=scene.owner)
            decide_single(review.pk, Outcome.APPROVED, "Fine.", by=scene.office)

        assert usual_times(2, reviews[0].route).whole == Usual(0, 0, 3)


def test_the_dossier_tells_the_team_and_leads_back_to_its_answers(scene):
    review = scene.review()
    return_review(review.pk, "Say who is affected.", by=scene.office)
    client = signed_in(scene.requester)

    dossier = client.get(review.use_case.get_absolute_url()).content.decode()
    check = client.get(reverse("portfolio:intake_check", args=[review.use_case.ref])).content.decode()

    assert "Say who is affected." in dossier
    assert "Correct and submit again" in dossier
    assert "Returned for changes" in check
    assert "Submit again" in check
