"""Where a review is, for whoever waits for it: whose turn, since when, why it came back, how long it usually takes."""

from datetime import timedelta

import pytest
from django.urls import reverse

from caio_portal.common import clock
from governance.selectors.whereabouts import usual_days, whereabouts
from governance.services.reviews import return_review
from portfolio.models import UseCase
from tests.factories import signed_in
from tests.governance.scene import make_scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    return make_scene()


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


@pytest.mark.parametrize(("decided", "expected"), [(2, None), (3, 0)])
def test_few_decisions_say_nothing_of_what_is_usual(scene, decided, expected):
    for _ in range(decided):
        scene.vote(scene.on_vote(), legal="approve", ciso="approve", data="approve")

    assert usual_days(3) == expected


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
