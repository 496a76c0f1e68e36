"""What helps to decide: arguments, differences, precedents and consequences."""

from datetime import timedelta

import pytest

from caio_portal.accounts.selectors import roles_of
from caio_portal.common import clock
from governance.decisions import NamedCondition, Outcome
from governance.models import Cause, Review, Severity
from governance.selectors.arguments import Reported, arguments
from governance.selectors.precedents import precedents
from governance.selectors.review_page import ReviewPage
from governance.services.approvals import decide_single
from governance.services.reviews import open_review, report_finding
from governance.snapshots import thaw
from portfolio.services import write_facts
from tests.factories import signed_in
from tests.governance.scene import make_scene

pytestmark = pytest.mark.django_db


def decided(scene, tier=2, conditions=(), **fields):
    review = scene.review(tier, **fields)
    outcome = Outcome.APPROVED_WITH_CONDITIONS if conditions else Outcome.APPROVED
    named = [NamedCondition(text=text, due_in_days=30) for text in conditions]
    decide_single(review.pk, outcome, "Useful.", named, by=scene.office)
    return Review.objects.get(pk=review.pk)


def texts(points):
    return [point.text for point in points]


def test_arguments_weigh_findings_risks_and_controls(scene):
    review = scene.review(3, facts={"expected_benefit": "Letters arrive a week earlier."})
    snapshot = thaw(review.snapshot)
    findings = [
        Reported("Privacy", Severity.NONE, "Fine."),
        Reported("Legal", Severity.MINOR, "A typo."),
        Reported("Security", Severity.BLOCKING, "It leaks."),
    ]

    found = arguments(snapshot, findings, open_incidents=1)

    assert texts(found.speaks_for)[:2] == ["Letters arrive a week earlier.", "No objection from Privacy."]
    assert texts(found.speaks_against)[:2] == ["Blocking, Security: It leaks.", "Minor, Legal: A typo."]
    assert any("due by then not met" in text for text in texts(found.speaks_against))
    assert texts(found.speaks_against)[-1] == "1 incident is not resolved."


def test_arguments_name_what_is_undecided_for_lack_of_facts(scene):
    use_case = scene.use_case(2)
    use_case.facts = {"talks_to_people": True}
    use_case.save(update_fields=["facts"])

    found = arguments(thaw(open_review(use_case.pk, by=scene.requester).snapshot), [])

    assert any("cannot be decided for lack of facts" in text for text in texts(found.speaks_against))


def test_a_review_again_shows_only_what_differs_from_the_last_decision(scene):
    first = decided(scene)
    write_facts(first.use_case_id, {"users_expected": 900}, by=scene.office)

    again = open_review(first.use_case_id, by=scene.office, cause=Cause.MATERIAL_CHANGE)
    page = ReviewPage(again, scene.office)

    assert page.compared.url == first.get_absolute_url()
    assert [name for name, _, _ in page.compared.changes] == ["Users expected"]
    assert first.ref in signed_in(scene.office).get(again.get_absolute_url()).content.decode()


def test_the_first_review_is_compared_with_nothing(scene):
    assert ReviewPage(scene.review(2), scene.office).compared is None


def test_precedents_are_the_likest_with_their_conditions(scene):
    like = decided(scene, conditions=["Tell people that it is a machine"], facts={"topic_area": "science"})
    decided(scene)
    review = scene.review(2, facts={"topic_area": "science"})

    found = precedents(review, thaw(review.snapshot).facts, scene.office)

    assert found[0].review == like
    assert found[0].conditions == ("Tell people that it is a machine",)
    assert "Topic area: science" in found[0].shared
    assert len(found) == 2


def test_precedents_of_others_stay_hidden(scene):
    decided(make_scene(), confidential=True)
    review = scene.review(2)

    assert precedents(review, thaw(review.snapshot).facts, scene.owner) == []


@pytest.mark.parametrize("rows", [1, 3])
def test_precedents_take_two_queries(scene, django_assert_num_queries, rows):
    for _ in range(rows):
        decided(scene, conditions=["Keep logs"])
    review = scene.review(2)
    facts = thaw(review.snapshot).facts
    roles_of(scene.office)

    with django_assert_num_queries(2):
        assert len(precedents(review, facts, scene.office)) == rows


def test_consequences_say_what_follows_for_the_team(scene):
    review = scene.review(2)

    found = {each.outcome: each.sentences for each in ReviewPage(review, scene.office).consequences}

    until = clock.today() + timedelta(days=365)
    assert found[Outcome.APPROVED][0] == f"It may go up to production until {until:%-d %B %Y}."
    overdue = "A condition that is overdue suspends the approval until it is met."
    assert overdue in found[Outcome.APPROVED_WITH_CONDITIONS]
    assert found[Outcome.REJECTED] == (
        "It may not go up to production. The team may change what was found and submit it again.",
    )


def test_consequences_of_a_review_again_name_the_approval(scene):
    first = decided(scene)
    again = open_review(first.use_case_id, by=scene.office, cause=Cause.INTERVAL)

    found = {each.outcome: each.sentences for each in ReviewPage(again, scene.office).consequences}

    assert found[Outcome.REJECTED][0] == "The approval that it has is taken back."
    assert found[Outcome.DEFERRED][-1] == "The approval that it has stays as it is."


def test_the_page_tells_all_of_it(scene):
    first = decided(scene, conditions=["Keep logs"])
    write_facts(first.use_case_id, {"spend_per_year": 7}, by=scene.office)
    review = open_review(first.use_case_id, by=scene.office, cause=Cause.MATERIAL_CHANGE)

    text = signed_in(scene.office).get(review.get_absolute_url()).content.decode()

    for words in ("For and against", "Precedents", "What follows for the team", "What is new", "approval is stale"):
        assert words in text
    assert (
        text.index("You are asked about this alone") < text.index("<details") < text.index("Whom it affects, and how")
    )


def test_findings_are_told_on_both_sides(scene):
    review = scene.review(3)
    report_finding(review.pk, "legal", Severity.MAJOR, "No legal basis.", by=scene.reviewer("legal"))
    report_finding(review.pk, "privacy", Severity.NONE, "Fine.", by=scene.reviewer("privacy"))

    found = ReviewPage(review, scene.office).arguments

    assert "No objection from Privacy." in texts(found.speaks_for)
    assert "Major, Legal: No legal basis." in texts(found.speaks_against)
