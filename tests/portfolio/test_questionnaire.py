import pytest
from pydantic import ValidationError

from portfolio.facts import CATALOGUE
from portfolio.intake.questionnaire import Questionnaire, load

SHIPPED = load()


def questionnaire(*questions: dict) -> Questionnaire:
    asked = [{"ask": "?", "why": "Because.", **question} for question in questions]
    return Questionnaire.model_validate(
        {"name": "x", "number": "1", "title": "X", "sections": [{"key": "one", "title": "One", "questions": asked}]}
    )


def facts_of(questions) -> list[str]:
    return [question.fact for question in questions]


ASKS = questionnaire(
    {"fact": "personal_data", "needed": True},
    {"fact": "special_categories", "needed": True, "show_if": {"fact": "personal_data", "is": True}},
    {"fact": "profiles_people", "show_if": {"fact": "special_categories", "is": True}},
    {"fact": "biometric_use", "show_if": {"not": {"fact": "personal_data", "is": False}}},
    {"fact": "purpose"},
)
ONE = ASKS.sections[0]


def test_the_shipped_questionnaire_asks_for_every_fact():
    assert set(facts_of(SHIPPED.questions())) == CATALOGUE.keys()


@pytest.mark.parametrize(
    ("facts", "shown"),
    [
        ({}, ["personal_data", "purpose"]),  # not (unknown) is unknown: not shown yet
        ({"personal_data": False}, ["personal_data", "purpose"]),
        ({"personal_data": True}, ["personal_data", "special_categories", "biometric_use", "purpose"]),
    ],
)
def test_shown(facts, shown):
    assert facts_of(ONE.shown(facts)) == shown


@pytest.mark.parametrize(
    ("facts", "missing"),
    [
        ({}, ["personal_data"]),
        ({"personal_data": True}, ["special_categories"]),
        ({"personal_data": False}, []),
        ({"personal_data": True, "special_categories": False}, []),
    ],
)
def test_missing(facts, missing):
    assert facts_of(question for _, question in ASKS.missing(facts)) == missing


def test_rest_of_answers_no_to_what_is_left_open():
    assert ONE.rest_of({"personal_data": True}) == {"special_categories": False, "biometric_use": ["none"]}


def test_without_hidden_takes_back_answers_that_nobody_asks_for_any_more():
    before = {"personal_data": True, "special_categories": True, "profiles_people": True, "purpose": "x"}

    changes = ASKS.without_hidden(before, {"personal_data": False})

    assert changes == {"personal_data": False, "special_categories": None, "profiles_people": None}


def test_without_hidden_keeps_what_was_never_asked_for():
    before = {"special_categories": True}  # imported: nobody has answered whether there is personal data

    assert ASKS.without_hidden(before, {"purpose": "x"}) == {"purpose": "x"}


def test_progress():
    assert ASKS.progress({"personal_data": True, "purpose": "x"}) == (2, 4)


@pytest.mark.parametrize(
    ("questions", "problem"),
    [
        ([{"fact": "colour"}], "not the name of a fact"),
        ([{"fact": "purpose"}, {"fact": "purpose"}], "twice"),
        ([{"fact": "purpose", "show_if": {"fact": "personal_data", "is": True}}], "later or never"),
        ([{"fact": "purpose", "colour": "red"}], "Extra inputs"),
    ],
)
def test_a_bad_questionnaire_is_refused(questions, problem):
    with pytest.raises(ValidationError, match=problem):
        questionnaire(*questions)
