"""Decided cases are found by words, facts, tier, outcome and condition."""

import pytest

from governance.decisions import NamedCondition, Outcome
from governance.services.approvals import decide_single
from portfolio.models import UseCase
from portfolio.services import write_facts
from tests.factories import make_person, signed_in
from tests.governance.scene import make_scene

pytestmark = pytest.mark.django_db
LOGS = NamedCondition(text="Keep the logs for a year")


@pytest.fixture
def scene():
    """Four reviews: one clears by itself, which is no precedent; three were decided by a person."""
    scene = make_scene()
    scene.review(1)
    letters = scene.review(2, title="Letters", facts={"affected_people": ["children"], "purpose": "Writes to parents."})
    decide_single(letters.pk, Outcome.APPROVED_WITH_CONDITIONS, "Useful with care.", [LOGS], by=scene.office)
    chat = scene.review(2, title="Chat", facts={"generates_content": True})
    decide_single(chat.pk, Outcome.APPROVED, "Harmless enough.", by=scene.office)
    scoring = scene.review(2, title="Scoring")
    decide_single(scoring.pk, Outcome.REJECTED, "Nobody needs it.", by=scene.office)
    return scene


def found(user, query):
    response = signed_in(user).get(f"/precedents/?{query}")
    return sorted(row.review.use_case.title for row in response.context["table"].rows)


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("", ["Chat", "Letters", "Scoring"]),
        ("q=parents", ["Letters"]),
        ("q=logs+year", ["Letters"]),
        ("q=needs", ["Scoring"]),
        ("tier=2&outcome=rejected", ["Scoring"]),
        ("tier=3", []),
        ("conditions=1", ["Letters"]),
        ("fact=generates_content:", ["Chat"]),
        ("fact=talks_to_people:", ["Chat", "Letters", "Scoring"]),
        ("fact=talks_to_people:&fact=generates_content:", ["Chat"]),
    ],
)
def test_precedents_are_found(scene, query, titles):
    assert found(scene.office, query) == titles


def test_a_precedent_is_found_by_the_facts_that_it_was_decided_on(scene):
    write_facts(UseCase.objects.get(title="Chat").pk, {"generates_content": False}, by=scene.office)

    assert found(scene.office, "fact=generates_content:") == ["Chat"]


def test_nobody_finds_what_they_may_not_see(scene):
    assert found(make_person(), "") == []


@pytest.mark.parametrize("query", ["", "tier=2&fact=talks_to_people:&conditions=1&q=logs"])
def test_precedents_ask_a_constant_number_of_queries(scene, query, django_assert_max_num_queries):
    client = signed_in(scene.office)
    client.get("/precedents/")

    with django_assert_max_num_queries(9):  # session, user, roles, rows, number, counts, unread, policy
        client.get(f"/precedents/?{query}")
