"""The shipped questionnaire asks for what the shipped policy needs to know."""

from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from governance.policy import evaluate, shipped
from portfolio.facts import CATALOGUE, Kind
from portfolio.intake.questionnaire import load

POLICY, QUESTIONNAIRE = shipped(), load()


def answer(draw: Any, name: str) -> Any:
    fact = CATALOGUE[name]
    if fact.kind is Kind.YES_NO:
        return draw(st.booleans())
    if fact.choices:
        choice = draw(st.sampled_from(list(fact.choices)))
        return [choice] if fact.kind is Kind.CHOICES else choice
    return 2_000 if fact.kind in {Kind.NUMBER, Kind.MONEY} else "x"


@given(st.data())
def test_whoever_answers_what_is_needed_gets_a_tier_for_good(data):
    facts: dict[str, Any] = {}
    while missing := QUESTIONNAIRE.missing(facts):
        _, question = missing[0]
        facts[question.fact] = answer(data.draw, question.fact)
        facts |= QUESTIONNAIRE.implied({}, facts)

    assume(facts["personal_data"] or facts["biometric_use"] == ["none"])  # a face is personal data
    tiering = evaluate(POLICY, facts)

    assert (tiering.tier, tiering.provisional) == (tiering.ceiling, False)


def test_what_nobody_asks_for_keeps_no_tier_open():
    facts: dict[str, Any] = {}
    for section in QUESTIONNAIRE.sections:
        facts |= section.rest_of(facts)
    facts |= {"technique": ["rules"], "human_involvement": "decides", "high_impact": "no", "spend_per_year": 2_000}
    facts |= {"eu_role": "deployer", "approach": "build"}

    tiering = evaluate(POLICY, facts | QUESTIONNAIRE.implied({}, facts))

    assert (tiering.tier, tiering.ceiling) == (1, 1)
