"""Which answers make the difference to the tier."""

import pytest
from django.urls import reverse

from caio_portal.accounts.roles import Role
from portfolio import ports
from portfolio.intake.lowering import what_would_lower
from portfolio.intake.questionnaire import load
from portfolio.ports import Preview, Reason
from tests.factories import make_person, make_unit, make_use_case, signed_in
from tests.portfolio.test_questionnaire import questionnaire
from tests.portfolio.test_services import complete_facts

ASKS = questionnaire(
    {"fact": "personal_data", "needed": True},
    {"fact": "special_categories", "show_if": {"fact": "personal_data", "is": True}},
    {"fact": "talks_to_people"},
    {"fact": "human_involvement"},
    {"fact": "decides_about"},
    {"fact": "purpose"},
)


def look(*rules):
    """A policy of (tier, facts that must hold); a rule without all its facts is open."""

    def preview(facts):
        held = [tier for tier, wanted in rules if all(facts.get(name) == value for name, value in wanted.items())]
        open_ = [
            tier
            for tier, wanted in rules
            if any(name not in facts for name in wanted)
            and all(facts.get(name, value) == value for name, value in wanted.items())
        ]
        reasons = tuple(Reason(f"tier {tier}", "", tier) for tier in held)
        return Preview(max(held, default=1), max([*held, *open_], default=1), reasons)

    return preview


def told(levers):
    return [([(c.question.fact, c.now, c.then) for c in lever.changes], lever.tier) for lever in levers]


def test_a_single_answer_that_lowers():
    facts = {"personal_data": False, "talks_to_people": True, "purpose": "x"}

    levers = what_would_lower(facts, ASKS, look((3, {"talks_to_people": True}), (2, {"purpose": "x"})))

    assert told(levers) == [([("talks_to_people", True, (False,))], 2)]


def test_answers_that_lead_to_the_same_tier_are_one_lever():
    facts = {"human_involvement": "none"}

    [lever] = what_would_lower(facts, ASKS, look((3, {"human_involvement": "none"})))

    assert lever.changes[0].then == ("decides", "confirms", "can_override")
    assert " or " in lever.changes[0].then_words


def test_two_answers_together_where_one_is_not_enough():
    facts = {"personal_data": True, "special_categories": False, "talks_to_people": True}
    rules = look((3, {"personal_data": True}), (3, {"talks_to_people": True}))

    assert told(what_would_lower(facts, ASKS, rules)) == [
        ([("personal_data", True, (False,)), ("talks_to_people", True, (False,))], 1)
    ]


def test_three_answers_together_where_two_are_not_enough():
    facts = {"personal_data": True, "talks_to_people": True, "human_involvement": "none"}
    rules = look(*((3, {name: value}) for name, value in facts.items()))

    [lever] = what_would_lower(facts, ASKS, rules)

    assert ({change.question.fact for change in lever.changes}, lever.tier) == (facts.keys(), 1)


def test_an_answer_that_opens_a_graver_question_does_not_lower():
    facts = {"personal_data": False, "talks_to_people": False}
    rules = look((2, {"personal_data": False}), (4, {"special_categories": True, "personal_data": True}))

    assert what_would_lower(facts, ASKS, rules) == []


def test_one_of_several_choices_may_go():
    facts = {"decides_about": ["benefits", "health"]}

    [lever] = what_would_lower(facts, ASKS, look((3, {"decides_about": ["benefits", "health"]})))

    assert lever.changes[0].then == (["health"], ["benefits"], ["none"])


@pytest.mark.parametrize("facts", [{}, {"personal_data": True}])
def test_the_lowest_tier_and_one_not_known_have_no_levers(facts):
    assert what_would_lower(facts, ASKS, lambda facts: Preview(None if not facts else 1, 1)) == []


@pytest.mark.django_db
def test_the_page_tells_what_would_lower(django_assert_max_num_queries):
    unit = make_unit()
    requester = make_person(Role.REQUESTER, unit=unit)
    facts = complete_facts() | {"talks_to_people": True}
    use_case = make_use_case(unit=unit, requester=requester, facts=facts, tier=2)
    client = signed_in(requester)
    url = reverse("portfolio:what_would_lower", args=[use_case.ref])
    client.get(url)

    with django_assert_max_num_queries(9):  # session, user, roles, use case, its people, questionnaire, policy, ...
        response = client.get(url)
    partial = client.get(url, headers={"hx-request": "true", "hx-target": "lower"}).content.decode()

    before = ports.look_ahead(facts, "idea")
    assert {lever.tier for lever in response.context["levers"]} == {before.tier - 1}
    assert "instead of Yes" in response.content.decode()
    assert partial.strip().startswith('<div id="lower"')


def test_the_shipped_questionnaire_offers_other_answers_to_its_choices():
    facts = complete_facts()
    tried = []

    what_would_lower(facts, load(), lambda facts: tried.append(facts) or Preview(3, 3))

    assert 20 < len(tried) < 120
